/** What stands below each other in the tree: steps, and runs of the same step folded into one row. */

import type { Span } from "./data";
import type { Tree } from "./tree";

interface Standing {
  /** The same for the same row, whatever else is shown. */
  key: string;
  /** How deep it stands, from 0. */
  depth: number;
  /** Its place among its siblings that are shown, from 1, and how many they are. */
  position: number;
  siblings: number;
  /** Whether there is more beneath it, and whether that is shown. */
  expandable: boolean;
  expanded: boolean;
}

export interface StepRow extends Standing {
  type: "step";
  span: Span;
  /** Whether it was asked for; false for what is shown because of something beneath it. */
  matched: boolean;
}

/** Steps of one kind and name that follow each other: `search × 12`. `span` is the first of them. */
export interface GroupRow extends Standing {
  type: "group";
  span: Span;
  spans: readonly Span[];
}

export type Row = StepRow | GroupRow;

/** What the reader has changed: steps are open and groups are closed unless it says otherwise. A group goes by its first step. */
export interface Folds {
  closed: ReadonlySet<number>;
  opened: ReadonlySet<number>;
}

export const UNTOUCHED: Folds = { closed: new Set(), opened: new Set() };

/** So many in a row are one. */
const FEWEST = 3;

export class Rows {
  readonly list: readonly Row[];
  /** Where each step has a row of its own, and which row stands for those that are folded. */
  readonly #rows = new Map<number, number>();
  readonly #groups = new Map<number, number>();
  readonly #shown: ReadonlySet<number> | null;

  /** `matches` are the steps asked for, null where all are; what leads to them is shown too, and nothing is folded. */
  constructor(
    readonly tree: Tree,
    readonly folds: Folds = UNTOUCHED,
    readonly matches: ReadonlySet<number> | null = null,
  ) {
    this.#shown = matches === null ? null : withAncestors(tree, matches);
    this.list = this.#flatten();
  }

  /** The row of a step, or of what it is folded into; -1 for one that is left out. */
  indexOf(id: number | null): number {
    for (let span = this.tree.find(id); span !== null; span = this.tree.parent(span.id)) {
      const row = this.#rows.get(span.id) ?? this.#groups.get(span.id);
      if (row !== undefined) return row;
      if (this.#isLeftOut(span.id)) return -1;
    }
    return -1;
  }

  /** Whether a step has a row of its own. */
  has(id: number): boolean {
    return this.#rows.has(id);
  }

  /** The row that has a key; -1 where none has. */
  indexOfKey(key: string): number {
    const id = Number(key.slice(1));
    return (key.startsWith("g") ? this.#groups : this.#rows).get(id) ?? -1;
  }

  #isLeftOut(id: number): boolean {
    return this.#shown !== null && !this.#shown.has(id);
  }

  /** By hand and not by recursion: a run may be deeper than the stack. */
  #flatten(): Row[] {
    const rows: Row[] = [];
    const pending = this.#level(this.tree.roots, 0).reverse();
    for (let row = pending.pop(); row !== undefined; row = pending.pop()) {
      if (row.type === "step") this.#rows.set(row.span.id, rows.length);
      else for (const span of row.spans) this.#groups.set(span.id, rows.length);
      rows.push(row);
      if (row.expanded) for (const inner of this.#beneath(row).reverse()) pending.push(inner);
    }
    return rows;
  }

  #beneath(row: Row): Row[] {
    if (row.type === "step") return this.#level(this.tree.children(row.span.id), row.depth + 1);
    return row.spans.map((span, index) => this.#step(span, row.depth + 1, index + 1, row.spans.length));
  }

  #level(ids: readonly number[], depth: number): Row[] {
    const spans = ids.flatMap((id) => (this.#isLeftOut(id) ? [] : (this.tree.find(id) ?? [])));
    const runs = this.matches === null ? repeated(spans) : spans.map((span): [Span] => [span]);
    return runs.map((run, index) => (run.length > 1 ? this.#group(run, depth, index + 1, runs.length) : this.#step(run[0], depth, index + 1, runs.length)));
  }

  #step(span: Span, depth: number, position: number, siblings: number): StepRow {
    const beneath = this.tree.children(span.id);
    const expandable = beneath.some((id) => !this.#isLeftOut(id));
    const expanded = expandable && !this.folds.closed.has(span.id);
    const matched = this.matches === null || this.matches.has(span.id);
    return { type: "step", key: `s${span.id}`, span, depth, position, siblings, expandable, expanded, matched };
  }

  #group(spans: Run, depth: number, position: number, siblings: number): GroupRow {
    const [span] = spans;
    return { type: "group", key: `g${span.id}`, span, spans, depth, position, siblings, expandable: true, expanded: this.folds.opened.has(span.id) };
  }
}

type Run = [Span, ...Span[]];

/** Neighbours of one kind and name together, where they are enough. */
export function repeated(spans: readonly Span[]): Run[] {
  const runs: Run[] = [];
  let run: Span[] = [];
  const close = () => {
    if (isRun(run) && run.length >= FEWEST) runs.push(run);
    else runs.push(...run.map((span): Run => [span]));
  };
  for (const span of spans) {
    if (run[0] !== undefined && !isSame(run[0], span)) {
      close();
      run = [];
    }
    run.push(span);
  }
  close();
  return runs;
}

function isRun(spans: Span[]): spans is Run {
  return spans.length > 0;
}

function isSame(a: Span, b: Span): boolean {
  return a.kind === b.kind && a.label === b.label;
}

function withAncestors(tree: Tree, matches: ReadonlySet<number>): Set<number> {
  const shown = new Set<number>();
  for (const id of matches) {
    for (let span = tree.find(id); span !== null && !shown.has(span.id); span = tree.parent(span.id)) shown.add(span.id);
  }
  return shown;
}

/** The folds in which a step has a row of its own: all above it is open, and the groups on the way. */
export function revealing(tree: Tree, folds: Folds, id: number): Folds {
  const above = tree.ancestors(id);
  const closed = new Set(folds.closed);
  for (const span of above) closed.delete(span.id);
  const opened = new Set(folds.opened);
  for (const span of [id, ...above.map((one) => one.id)]) {
    const group = groupOf(tree, span);
    if (group !== null) opened.add(group);
  }
  return { closed, opened };
}

/** The first step of the group that a step would be folded into; null where it stands by itself. */
function groupOf(tree: Tree, id: number): number | null {
  const parent = tree.parent(id);
  const siblings = (parent === null ? tree.roots : tree.children(parent.id)).flatMap((sibling) => tree.find(sibling) ?? []);
  const run = repeated(siblings).find((one) => one.some((span) => span.id === id));
  return run !== undefined && run.length > 1 ? run[0].id : null;
}
