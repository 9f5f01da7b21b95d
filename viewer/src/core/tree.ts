/** A run made ready to be walked: who is beneath whom, and what each step and all beneath it come to. */

import type { Run, Span } from "./data";

/** What a step and all beneath it come to. */
export interface Total {
  spans: number;
  llm_calls: number;
  errors: number;
  input: number;
  output: number;
  cached: number;
  /** Calls of which nobody knows the tokens. */
  untold: number;
  /** What is known of the cost; nothing was paid where this is 0 and nothing is unpriced. */
  cost: number;
  /** Calls that cost something that nobody knows. */
  unpriced: number;
  /** The last end beneath; what runs counts up to the end of the run. */
  end: number;
}

export class Tree {
  /** The end of the last step; a run that is not over ends now. */
  readonly end: number;
  readonly roots: readonly number[];
  readonly #at = new Map<number, number>();
  readonly #parents: Int32Array;
  readonly #depths: Int32Array;
  readonly #children: number[][];
  readonly #totals: Total[];
  readonly #leaves = new Map<number, readonly Span[]>();

  constructor(
    readonly run: Run,
    now = 0,
  ) {
    const { spans } = run;
    spans.forEach((span, index) => this.#at.set(span.id, index));
    this.end = spans.reduce((latest, span) => Math.max(latest, span.start + (span.ms ?? 0)), now);
    this.#parents = new Int32Array(spans.length).fill(-1);
    this.#depths = new Int32Array(spans.length);
    this.#children = spans.map(() => []);
    this.#totals = spans.map((span) => this.own(span));
    const roots: number[] = [];
    spans.forEach((span, index) => {
      const parent = span.parent === null ? undefined : this.#at.get(span.parent);
      // A parent begins before its children; anything else is a mistake, which must not become a circle.
      if (parent === undefined || parent >= index) {
        roots.push(span.id);
        return;
      }
      this.#parents[index] = parent;
      this.#depths[index] = (this.#depths[parent] ?? 0) + 1;
      this.#children[parent]?.push(span.id);
    });
    this.roots = roots;
    this.#addUp();
  }

  get spans(): readonly Span[] {
    return this.run.spans;
  }

  has(id: number): boolean {
    return this.#at.has(id);
  }

  find(id: number | null): Span | null {
    const index = id === null ? undefined : this.#at.get(id);
    return index === undefined ? null : (this.spans[index] ?? null);
  }

  /** The place of a step in start order, from 0; -1 for one that is not there. */
  indexOf(id: number): number {
    return this.#at.get(id) ?? -1;
  }

  parent(id: number): Span | null {
    const parent = this.#parents[this.indexOf(id)] ?? -1;
    return parent < 0 ? null : (this.spans[parent] ?? null);
  }

  /** From the parent up to the root. */
  ancestors(id: number): Span[] {
    const found: Span[] = [];
    for (let span = this.parent(id); span !== null; span = this.parent(span.id)) found.push(span);
    return found;
  }

  /** In start order. */
  children(id: number): readonly number[] {
    return this.#children[this.indexOf(id)] ?? [];
  }

  depth(id: number): number {
    return this.#depths[this.indexOf(id)] ?? 0;
  }

  total(id: number): Total {
    const total = this.#totals[this.indexOf(id)];
    if (total === undefined) throw new RangeError(`there is no step ${id}`);
    return total;
  }

  /** The steps beneath one that hold no others, in start order; itself, if it holds none. */
  leaves(id: number): readonly Span[] {
    const there = this.#leaves.get(id);
    if (there !== undefined) return there;
    const found: Span[] = [];
    const pending = [id];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const beneath = this.children(next);
      const span = this.find(next);
      if (beneath.length === 0 && span !== null) found.push(span);
      for (const child of beneath) pending.push(child);
    }
    found.sort((a, b) => a.start - b.start);
    this.#leaves.set(id, found);
    return found;
  }

  /** What a step comes to by itself. */
  own(span: Span): Total {
    return own(span, this.endOf(span));
  }

  /** When a step ended; what runs has lasted up to the end of the run so far. */
  endOf(span: Span): number {
    return span.ms === null ? Math.max(span.start, this.end) : span.start + span.ms;
  }

  /** The agent that a step belongs to: the nearest above it; null for what no agent did. */
  agent(id: number): Span | null {
    return this.ancestors(id).find((span) => span.kind === "agent") ?? null;
  }

  /** Children begin after their parents, so that one walk from the back adds up all. */
  #addUp(): void {
    for (let index = this.spans.length - 1; index >= 0; index--) {
      const total = this.#totals[index];
      const above = this.#totals[this.#parents[index] ?? -1];
      if (total !== undefined && above !== undefined) add(above, total);
    }
  }
}

function own(span: Span, end: number): Total {
  return {
    spans: 1,
    llm_calls: span.kind === "llm" ? 1 : 0,
    errors: span.error === null ? 0 : 1,
    input: span.usage?.input ?? 0,
    output: span.usage?.output ?? 0,
    cached: span.usage?.cache_read ?? 0,
    untold: span.usage === null && span.unpriced ? 1 : 0,
    cost: span.cost ?? 0,
    unpriced: span.unpriced ? 1 : 0,
    end,
  };
}

/** What several steps come to together. */
export function sumOf(totals: readonly Total[]): Total {
  const sum: Total = { spans: 0, llm_calls: 0, errors: 0, input: 0, output: 0, cached: 0, untold: 0, cost: 0, unpriced: 0, end: 0 };
  for (const total of totals) add(sum, total);
  return sum;
}

function add(total: Total, more: Total): void {
  total.spans += more.spans;
  total.llm_calls += more.llm_calls;
  total.errors += more.errors;
  total.input += more.input;
  total.output += more.output;
  total.cached += more.cached;
  total.untold += more.untold;
  total.cost += more.cost;
  total.unpriced += more.unpriced;
  total.end = Math.max(total.end, more.end);
}
