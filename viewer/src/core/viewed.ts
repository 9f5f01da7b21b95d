/** Which steps of a comparison a reader has seen. It stays in the browser, where the browser keeps anything. */

import type { Keep } from "./notes";

const KEY = "trace-ops.viewed";
// Of so many comparisons, the last ones.
const MOST = 50;

export class Viewed {
  readonly #seen: Set<number>;

  /** `name` says which comparison this is. */
  constructor(
    readonly keep: Keep | null,
    readonly name: string,
  ) {
    this.#seen = new Set(this.#all().find(([known]) => known === name)?.[1]);
  }

  get count(): number {
    return this.#seen.size;
  }

  has(pair: number): boolean {
    return this.#seen.has(pair);
  }

  toggle(pair: number): void {
    if (!this.#seen.delete(pair)) this.#seen.add(pair);
    const others = this.#all().filter(([known]) => known !== this.name);
    try {
      this.keep?.setItem(KEY, JSON.stringify([...others, [this.name, [...this.#seen]]].slice(-MOST)));
    } catch {
      // Full, or forbidden: it is known until the page is closed.
    }
  }

  #all(): [string, number[]][] {
    try {
      const value = JSON.parse(this.keep?.getItem(KEY) ?? "[]") as unknown;
      return Array.isArray(value) ? value.filter(isEntry) : [];
    } catch {
      return [];
    }
  }
}

function isEntry(entry: unknown): entry is [string, number[]] {
  return Array.isArray(entry) && typeof entry[0] === "string" && Array.isArray(entry[1]) && entry[1].every(Number.isSafeInteger);
}
