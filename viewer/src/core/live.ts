/** Runs that a server follows: what it tells of is put into what is known, and somebody is told. */

import type { Bundle, Changes, Library, RunHead } from "./data";

/** What a server of `replay ui` gives beside the runs themselves. */
export interface Server {
  /** What has changed since it last told. */
  changes(since: string): Promise<Changes>;
  /** The same, as it comes, until it fails or the function given back is called. */
  listen(since: string, heard: (changes: Changes) => void, failed: () => void): () => void;
}

/** A key of a run has none of these, so that two runs and their comparison are told apart. */
const BETWEEN = "~";

export const pairOf = (old: string, next: string): string => old + BETWEEN + next;

export const partsOf = (pair: string): string[] => pair.split(BETWEEN);

/** The runs with what has changed; the same object if nothing has. */
export function merged(bundle: Bundle, { library, whole, runs, gone }: Changes): Bundle {
  if (!whole && runs.length === 0 && gone.length === 0 && same(bundle.library, library)) return bundle;
  const left = new Map(whole ? [] : bundle.runs.map((run): [string, RunHead] => [run.key, run]));
  for (const key of gone) left.delete(key);
  for (const run of runs) left.set(run.key, run);
  return { ...bundle, library, runs: [...left.values()].sort(byPlace) };
}

const same = (one: Library | null, other: Library | null) => JSON.stringify(one) === JSON.stringify(other);

function byPlace(one: RunHead, other: RunHead): number {
  const [a, b] = [one.path ?? "", other.path ?? ""];
  return a < b ? -1 : a > b ? 1 : one.key < other.key ? -1 : 1;
}

export interface Listener {
  /** There are other runs now. */
  tell(bundle: Bundle): void;
  /** Whether the server can be reached. */
  reached(is: boolean): void;
}

const AGAIN = 2000;

/**
 * Listens to a server, and asks it every two seconds while it cannot be listened to: a proxy between may keep a stream back. `pause` lets go
 * of it while nobody looks, since a browser has few connections to one server for all its tabs.
 */
export class Follower {
  #bundle: Bundle;
  #leave: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  constructor(
    readonly server: Server,
    bundle: Bundle,
    readonly listener: Listener,
  ) {
    this.#bundle = bundle;
  }

  start(): void {
    if (this.#over || this.#leave !== null) return;
    clearTimeout(this.#timer);
    this.#leave = this.server.listen(
      this.#at,
      (changes) => this.#take(changes),
      () => {
        this.pause();
        this.#askLater();
      },
    );
  }

  pause(): void {
    clearTimeout(this.#timer);
    this.#leave?.();
    this.#leave = null;
  }

  end(): void {
    this.#over = true;
    this.pause();
  }

  get #at(): string {
    return this.#bundle.library?.at ?? "";
  }

  #askLater(): void {
    this.#timer = setTimeout(() => void this.#ask(), AGAIN);
  }

  async #ask(): Promise<void> {
    try {
      this.#take(await this.server.changes(this.#at));
    } catch {
      this.listener.reached(false);
      if (!this.#over) this.#askLater();
      return;
    }
    this.start();
  }

  #take(changes: Changes): void {
    if (this.#over) return;
    this.listener.reached(true);
    const next = merged(this.#bundle, changes);
    if (next === this.#bundle) return;
    this.#bundle = next;
    this.listener.tell(next);
  }
}

/** Follow as long as the page is seen; gives back how to end it. */
export function follow(server: Server, bundle: Bundle, listener: Listener, page: Document = document): () => void {
  const follower = new Follower(server, bundle, listener);
  const turn = () => (page.hidden ? follower.pause() : follower.start());
  page.addEventListener("visibilitychange", turn);
  turn();
  return () => {
    page.removeEventListener("visibilitychange", turn);
    follower.end();
  };
}
