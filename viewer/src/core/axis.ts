/** From time to place: which times are shown, and where. */

import type { Row } from "./rows";
import { AS_IT_WAS, type Squeeze } from "./squeeze";
import type { Tree } from "./tree";

export type Times = readonly [from: number, to: number];

export interface Tick {
  x: number;
  time: number;
}

export class Axis {
  readonly #from: number;
  readonly #scale: number;

  /** The times stand between `left` and `right`, in pixels. */
  constructor(
    readonly times: Times,
    readonly left: number,
    readonly right: number,
    readonly squeeze: Squeeze = AS_IT_WAS,
  ) {
    this.#from = squeeze.shown(times[0]);
    this.#scale = (right - left) / Math.max(1e-9, squeeze.shown(times[1]) - this.#from);
  }

  x(time: number): number {
    return this.left + (this.squeeze.shown(time) - this.#from) * this.#scale;
  }

  time(x: number): number {
    return this.squeeze.time(this.#from + (x - this.left) / this.#scale);
  }

  /** How many milliseconds lie between two ticks that are at least so many pixels apart. */
  step(apart: number): number {
    return niceStep(apart / this.#scale);
  }

  /** Marks at round times, none in a gap that is squeezed, none too near another. */
  ticks(apart: number): Tick[] {
    const step = this.step(apart);
    const found: Tick[] = [];
    const [from, to] = this.times;
    for (const [start, end] of this.#stretches(from, to)) {
      for (let time = Math.ceil(start / step - 1e-9) * step; time <= end; time += step) {
        const x = this.x(time);
        if (x - (found.at(-1)?.x ?? -Infinity) >= apart * 0.6) found.push({ x, time });
      }
    }
    return found;
  }

  /** The gaps that are in sight. */
  gaps(): { from: number; to: number; left: number; right: number }[] {
    const [from, to] = this.times;
    return this.squeeze.gaps
      .filter((gap) => gap.to > from && gap.from < to)
      .map((gap) => ({ ...gap, left: Math.max(this.left, this.x(gap.from)), right: Math.min(this.right, this.x(gap.to)) }));
  }

  #stretches(from: number, to: number): Times[] {
    const found: Times[] = [];
    let start = from;
    for (const gap of this.squeeze.gaps) {
      if (gap.to <= from || gap.from >= to) continue;
      if (gap.from > start) found.push([start, gap.from]);
      start = gap.to;
    }
    if (start <= to) found.push([start, to]);
    return found;
  }
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LONG = [1000, 2000, 5000, 10_000, 15_000, 30_000, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR];

/** The next step that people count in: 1, 2, 5 of milliseconds, then of seconds, minutes, hours and days. */
export function niceStep(least: number): number {
  if (least <= 0.001) return 0.001;
  if (least > 12 * HOUR) return Math.ceil(least / (24 * HOUR)) * 24 * HOUR;
  if (least > 500) return LONG.find((step) => step >= least) ?? 24 * HOUR;
  const ten = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * ten).find((step) => step >= least * (1 - 1e-9)) ?? 1000;
}

/** The times that some rows take up. What only holds others is left out, as it would make all it holds too small. */
export function timesOf(tree: Tree, rows: readonly Row[], range: Times | null): Times {
  const bare = rows.filter((row) => !row.expanded);
  let [from, to] = [Infinity, -Infinity];
  for (const row of bare.length > 0 ? bare : rows) {
    from = Math.min(from, row.span.start);
    to = Math.max(to, endOf(tree, row));
  }
  if (range !== null) [from, to] = [Math.max(from, range[0]), Math.min(to, range[1])];
  if (from <= to) return padded([from, to]);
  return range ?? [0, Math.max(1, tree.end)];
}

/** The end of all that a row stands for. */
export function endOf(tree: Tree, row: Row): number {
  if (row.type === "group") return row.spans.reduce((latest, span) => Math.max(latest, tree.total(span.id).end), 0);
  return row.expanded ? tree.endOf(row.span) : tree.total(row.span.id).end;
}

/** A little more to the right, for what is written behind the last bar; never nothing. */
export function padded([from, to]: Times): Times {
  const length = Math.max(to - from, 1);
  return [from, from + length];
}
