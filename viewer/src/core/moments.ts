/** A run as a row of moments: every start and every end of a step, in the order of time. */

import type { Span } from "./data";
import type { Edge } from "./place";
import type { Tree } from "./tree";

export interface Moment {
  /** Its place among all moments, from 0. */
  index: number;
  /** Milliseconds since the run began. */
  at: number;
  span: number;
  edge: Edge;
}

export class Moments {
  readonly all: readonly Moment[];
  readonly #starts = new Map<number, Moment>();
  readonly #ends = new Map<number, Moment>();

  constructor(readonly tree: Tree) {
    const edges = tree.spans.flatMap((span): [Span, Edge][] => (span.ms === null ? [[span, "start"]] : [[span, "start"], [span, "end"]]));
    this.all = edges.sort(inTime).map(([span, edge], index) => ({ index, at: timeOf(span, edge), span: span.id, edge }));
    for (const moment of this.all) (moment.edge === "start" ? this.#starts : this.#ends).set(moment.span, moment);
  }

  find(span: number | null, edge: Edge | null): Moment | null {
    if (span === null || edge === null) return null;
    return (edge === "start" ? this.#starts : this.#ends).get(span) ?? null;
  }

  /** The next moment, or the one before, among those asked for. From outside time, going on begins with the start of the selected step. */
  step(from: Moment | null, selected: number | null, by: 1 | -1, asked: (moment: Moment) => boolean = () => true): Moment | null {
    if (from === null) {
      const entry = this.find(selected, by > 0 ? "start" : "end");
      if (entry !== null && asked(entry)) return entry;
    }
    const start = from?.index ?? (by > 0 ? -1 : this.all.length);
    for (let index = start + by; index >= 0 && index < this.all.length; index += by) {
      const moment = this.all[index];
      if (moment !== undefined && asked(moment)) return moment;
    }
    return null;
  }

  /** The last moment up to a time. */
  before(time: number): Moment | null {
    let [low, high] = [0, this.all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.all[middle]?.at ?? Infinity) <= time) low = middle + 1;
      else high = middle;
    }
    return this.all[low - 1] ?? null;
  }

  /** Whether a step had begun and not ended. At the start of a step it has begun, at its end it has ended. */
  runs(span: Span, moment: Moment): boolean {
    return this.begun(span.id, moment) && !this.ended(span.id, moment);
  }

  begun(span: number, moment: Moment): boolean {
    return (this.#starts.get(span)?.index ?? Infinity) <= moment.index;
  }

  ended(span: number, moment: Moment): boolean {
    return (this.#ends.get(span)?.index ?? Infinity) <= moment.index;
  }
}

function timeOf(span: Span, edge: Edge): number {
  return edge === "start" ? span.start : span.start + (span.ms ?? 0);
}

/** At one and the same time: what ends, inner steps first; then what begins, outer steps first; then what took no time ends. */
function inTime([a, edge]: [Span, Edge], [b, other]: [Span, Edge]): number {
  const phase = (span: Span, at: Edge) => (at === "start" ? 1 : span.ms === 0 ? 2 : 0);
  return timeOf(a, edge) - timeOf(b, other) || phase(a, edge) - phase(b, other) || (edge === "start" ? a.id - b.id : b.id - a.id);
}
