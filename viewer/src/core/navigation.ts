/**
 * How a pane asks for something to be shown. The place is a value; whoever shows something of it listens and reads.
 *
 * `change` moves within what is shown, and adds no step to the browser's history; `open` goes elsewhere, and does.
 */

import type { Bundle } from "./data";
import { pairOf, partsOf } from "./live";
import { hashOf, placeIn, placeOf, type Place, type View } from "./place";

/** The browser's address, as far as it is needed; tests have one of their own. */
export interface Address {
  readonly hash: string;
  /** The page itself, without a hash. */
  readonly page: string;
  write(hash: string, step: boolean): void;
  /** Calls when somebody else has changed the hash. */
  watch(changed: () => void): () => void;
}

export class Navigation {
  #place: Place;
  readonly #listeners = new Set<() => void>();

  #bundle: Bundle;

  constructor(
    bundle: Bundle,
    readonly address: Address,
  ) {
    this.#bundle = bundle;
    this.#place = this.#known(placeIn(address.hash)) ?? start(bundle);
    address.watch(() => this.#move(this.#known(placeIn(address.hash)) ?? start(this.#bundle)));
  }

  get bundle(): Bundle {
    return this.#bundle;
  }

  /** There are other runs now. */
  renew(bundle: Bundle): void {
    if (JSON.stringify(bundle) === JSON.stringify(this.#bundle)) return;
    this.#bundle = bundle;
    this.#move(this.#known(this.#place) ?? start(bundle));
  }

  get place(): Place {
    return this.#place;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(part: Partial<Omit<Place, "view" | "key">>): void {
    const next = { ...this.#place, ...part };
    if (hashOf(next) === hashOf(this.#place)) return;
    this.address.write(hashOf(next), false);
    this.#move(next);
  }

  open(view: View, key: string | null = null, rest: Partial<Place> = {}): void {
    const next = this.#known(placeOf(view, key, rest));
    if (next === null) return;
    this.address.write(hashOf(next), true);
    this.#move(next);
  }

  /** Select a step of the run that is shown, and leave time travel. */
  select(span: number | null): void {
    this.change({ span, at: null });
  }

  openRun(key: string, span: number | null = null): void {
    this.open("run", key, { span });
  }

  openComparison(key: string, change: number | null = null): void {
    this.open("compare", key, { change });
  }

  /** The comparison of two runs, if the page has one. */
  comparisonOf(old: string, next: string): string | null {
    if (this.bundle.library !== null) return pairOf(old, next);
    return this.bundle.comparisons.find((one) => one.old === old && one.new === next)?.key ?? null;
  }

  /** The address of this place, or of one that differs from it in a few things. */
  link(part: Partial<Place> = {}): string {
    return this.address.page + hashOf({ ...this.#place, ...part });
  }

  /** The run that stands so many further on in the list. */
  runBeside(key: string | null, by: number): string | null {
    const index = this.bundle.runs.findIndex((run) => run.key === key);
    return index < 0 ? null : (this.bundle.runs[index + by]?.key ?? null);
  }

  #move(place: Place): void {
    this.#place = place;
    for (const listener of [...this.#listeners]) listener();
  }

  /** The place, if the bundle has what it names. */
  #known(place: Place | null): Place | null {
    if (place === null) return null;
    const { runs, comparisons, session, library } = this.bundle;
    // A server compares any two, and has perhaps not read yet what somebody links to.
    const has = (key: string | null) => runs.some((run) => run.key === key) || (library !== null && library.unread > 0);
    if (place.view === "run") return has(place.key) ? place : null;
    if (place.view === "compare") {
      const parts = partsOf(place.key ?? "");
      return comparisons.some((one) => one.key === place.key) || (library !== null && parts.length === 2 && parts.every(has)) ? place : null;
    }
    return place.view === "session" && session === null ? null : place;
  }
}

/** What is seen first: a session, a comparison made for its own sake, the only run, else the list of them. */
export function start(bundle: Bundle): Place {
  const [run] = bundle.runs;
  const [comparison] = bundle.comparisons;
  if (bundle.session !== null) return placeOf("session");
  if (bundle.library !== null) return placeOf("library");
  if (comparison !== undefined && bundle.comparisons.length === 1 && bundle.runs.length <= 2) return placeOf("compare", comparison.key);
  if (run !== undefined && bundle.runs.length === 1) return placeOf("run", run.key);
  return placeOf("library");
}
