/** Time in which nothing happens, made short: a map between the time that passed and the time that is shown. */

import type { Tree } from "./tree";

export interface Gap {
  from: number;
  to: number;
}

export class Squeeze {
  /** How long each gap is shown. */
  readonly #short: number;
  readonly #removed: readonly number[];

  constructor(
    readonly gaps: readonly Gap[],
    short: number,
  ) {
    this.#short = short;
    let removed = 0;
    this.#removed = gaps.map((gap) => (removed += gap.to - gap.from - short));
  }

  /** Where a time is shown. */
  shown(time: number): number {
    const index = before(this.gaps, (gap) => gap.from <= time);
    const gap = this.gaps[index];
    if (gap === undefined) return time;
    const removed = this.#removed[index - 1] ?? 0;
    if (time >= gap.to) return time - (this.#removed[index] ?? 0);
    return gap.from - removed + ((time - gap.from) / (gap.to - gap.from)) * this.#short;
  }

  /** Which time is shown there. */
  time(shown: number): number {
    const index = before(this.gaps, (gap, at) => gap.from - (this.#removed[at - 1] ?? 0) <= shown);
    const gap = this.gaps[index];
    if (gap === undefined) return shown;
    const start = gap.from - (this.#removed[index - 1] ?? 0);
    if (shown >= start + this.#short) return shown + (this.#removed[index] ?? 0);
    return gap.from + ((shown - start) / this.#short) * (gap.to - gap.from);
  }
}

/** Nothing is made short. */
export const AS_IT_WAS = new Squeeze([], 0);

/** Gaps of at least this part of the time that is busy are squeezed, to half of that. */
const LEAST = 0.05;

/** The times in which no step was at work; one that only waits for those beneath it is not. */
export function squeezed(tree: Tree): Squeeze {
  const busy = union(tree.spans.filter((span) => tree.children(span.id).length === 0).map((span) => ({ from: span.start, to: tree.endOf(span) })));
  const worked = busy.reduce((sum, one) => sum + one.to - one.from, 0);
  const least = Math.max(1, worked * LEAST);
  const gaps: Gap[] = [];
  let last = 0;
  for (const one of busy) {
    if (one.from - last > least) gaps.push({ from: last, to: one.from });
    last = one.to;
  }
  if (tree.end - last > least) gaps.push({ from: last, to: tree.end });
  return new Squeeze(gaps, least / 2);
}

function union(times: Gap[]): Gap[] {
  const found: Gap[] = [];
  for (const { from, to } of times.sort((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else found.push({ from, to });
  }
  return found;
}

/** The last of those for which something holds that holds for all before it too; -1 for none. */
function before<T>(list: readonly T[], holds: (item: T, index: number) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle] as T, middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
