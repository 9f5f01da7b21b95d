/** What was loaded of a source, so that nothing is loaded twice. */

import type { Comparison, Details, Run } from "./data";
import type { Source } from "./source";

export class Shelf {
  readonly #runs = new Map<string, Promise<Run>>();
  readonly #details = new Map<string, Promise<Details>>();
  readonly #comparisons = new Map<string, Promise<Comparison>>();

  constructor(readonly source: Source) {}

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
