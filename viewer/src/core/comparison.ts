/** A comparison of two runs as rows of steps, as trace_ops.diff aligned them. */

import type { Change, Comparison, Severity, Span } from "./data";
import { grouped } from "./grouped";
import type { Tree } from "./tree";

export type State = "same" | "changed" | "added" | "removed";

/** A step of both runs, or of the one that has it. */
export interface Pair {
  index: number;
  old: Span | null;
  now: Span | null;
  depth: number;
  state: State;
  /** The indices of its changes; tokens, cost and time are none. */
  changes: number[];
  severity: Severity | null;
  /** Whether all of its changes follow from others. */
  follows: boolean;
}

/** A pair that is shown, or some that are equal and folded. */
export type Row = { kind: "pair"; pair: Pair } | { kind: "equal"; pairs: Pair[] };

const MEASURES = new Set(["usage", "cost", "latency"]);
const GRAVEST: readonly Severity[] = ["major", "minor", "info"];

export class Aligned {
  readonly pairs: readonly Pair[];
  /** The changes that are no matter of tokens, cost and time. */
  readonly differences: readonly number[];
  readonly #pairOf = new Map<number, Pair>();
  readonly #following = new Map<number, number[]>();

  constructor(
    readonly comparison: Comparison,
    readonly old: Tree,
    readonly now: Tree,
  ) {
    const { pairs, changes } = comparison;
    this.differences = changes.flatMap((change, index) => (MEASURES.has(change.kind) ? [] : [index]));
    const places = new Map<string, number>();
    pairs.forEach(([before, after], index) => {
      if (before !== null) places.set(`old ${before}`, index);
      if (after !== null) places.set(`new ${after}`, index);
    });
    const found = pairs.map((): number[] => []);
    for (const number of this.differences) {
      const change = changes[number];
      // Steps that changed places have a change of either step: it stands where the new run first differs.
      const at = places.get(change?.new === null || change?.new === undefined ? `old ${change?.old}` : `new ${change.new}`);
      found[at ?? -1]?.push(number);
      if (change?.root !== null && change?.root !== undefined) this.#following.set(change.root, [...(this.#following.get(change.root) ?? []), number]);
    }
    this.pairs = pairs.map(([before, after], index) => this.#pair(index, old.find(before), now.find(after), found[index] ?? []));
    for (const pair of this.pairs) for (const number of pair.changes) this.#pairOf.set(number, pair);
  }

  #pair(index: number, old: Span | null, now: Span | null, numbers: number[]): Pair {
    const changes = numbers.flatMap((number) => this.change(number) ?? []);
    return {
      index,
      old,
      now,
      depth: now !== null ? this.now.depth(now.id) : old !== null ? this.old.depth(old.id) : 0,
      state: now === null ? "removed" : old === null ? "added" : numbers.length > 0 ? "changed" : "same",
      changes: numbers,
      severity: GRAVEST.find((severity) => changes.some((change) => change.severity === severity)) ?? null,
      follows: changes.length > 0 && changes.every((change) => change.root !== null),
    };
  }

  change(number: number | null): Change | null {
    return number === null ? null : (this.comparison.changes[number] ?? null);
  }

  /** The step that a change is of; null for one of the whole run. */
  pairOf(number: number | null): Pair | null {
    return number === null ? null : (this.#pairOf.get(number) ?? null);
  }

  /** What follows from a change, by why it does, in their order. */
  following(number: number): Map<string | null, number[]> {
    return grouped(this.#following.get(number) ?? [], (one) => this.change(one)?.follows ?? null);
  }

  /** The pairs, with what is equal folded but for what lies around a difference in the tree. */
  rows(folds: boolean): Row[] {
    const kept = folds ? this.#around() : null;
    const rows: Row[] = [];
    for (const pair of this.pairs) {
      const last = rows.at(-1);
      if (kept === null || kept.has(pair.index)) rows.push({ kind: "pair", pair });
      else if (last?.kind === "equal") last.pairs.push(pair);
      else rows.push({ kind: "equal", pairs: [pair] });
    }
    return rows.map((row) => (row.kind === "equal" && row.pairs.length === 1 && row.pairs[0] !== undefined ? { kind: "pair", pair: row.pairs[0] } : row));
  }

  /** The pairs that differ, and those above them. */
  #around(): Set<number> {
    const kept = new Set<number>();
    const path: Pair[] = [];
    for (const pair of this.pairs) {
      while ((path.at(-1)?.depth ?? -1) >= pair.depth) path.pop();
      if (pair.state !== "same") for (const { index } of [...path, pair]) kept.add(index);
      path.push(pair);
    }
    return kept;
  }

  /** The first change of the next step that differs, or of the one before; `own` passes over what only follows from others. */
  next(from: number | null, by: 1 | -1, own: boolean): number | null {
    const stops = this.pairs.filter((pair) => pair.changes.length > 0 && (!own || !pair.follows)).map((pair) => pair.changes.find((number) => !own || this.change(number)?.root === null) ?? -1);
    const at = this.pairOf(from)?.index ?? (by > 0 ? -1 : Infinity);
    const places = stops.map((number) => this.pairOf(number)?.index ?? -1);
    const found = by > 0 ? places.findIndex((place) => place > at) : places.findLastIndex((place) => place < at);
    return stops[found] ?? null;
  }
}
