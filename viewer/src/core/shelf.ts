/** What was loaded of a source, so that nothing is loaded twice. */

import type { Bundle, Comparison, Details, Run } from "./data";
import { partsOf } from "./live";
import type { Source } from "./source";

export class Shelf {
  readonly #runs = new Map<string, Promise<Run>>();
  readonly #details = new Map<string, Promise<Details>>();
  readonly #comparisons = new Map<string, Promise<Comparison>>();

  #stamps: ReadonlyMap<string, string | null> = new Map();

  constructor(readonly source: Source) {}

  /** There are other runs now: those that are not as they were are loaded again. */
  renew(bundle: Bundle): void {
    const stamps = new Map(bundle.runs.map((run) => [run.key, run.stamp]));
    for (const key of new Set([...this.#runs.keys(), ...this.#details.keys()])) if (stamps.get(key) !== this.#stamps.get(key)) this.forget(key);
    for (const pair of [...this.#comparisons.keys()]) if (partsOf(pair).some((key) => stamps.get(key) !== this.#stamps.get(key))) this.#comparisons.delete(pair);
    this.#stamps = stamps;
  }

  run(key: string): Promise<Run> {
    return kept(this.#runs, key, () => this.source.run(key));
  }

  details(key: string): Promise<Details> {
    return kept(this.#details, key, () => this.source.details(key));
  }

  comparison(key: string): Promise<Comparison> {
    return kept(this.#comparisons, key, () => this.source.comparison(key));
  }

  /** Forget a run that has grown. */
  forget(key: string): void {
    this.#runs.delete(key);
    this.#details.delete(key);
  }
}

/** What failed is not kept: the next one who asks tries again. */
function kept<T>(shelf: Map<string, Promise<T>>, key: string, load: () => Promise<T>): Promise<T> {
  const there = shelf.get(key);
  if (there !== undefined) return there;
  const loading = load();
  shelf.set(key, loading);
  loading.catch(() => shelf.delete(key));
  return loading;
}
