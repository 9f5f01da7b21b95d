/** What every component may ask for: the place, the way elsewhere, keys, things that load, a word to the reader. */

import { createContext } from "preact";
import { useContext, useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import type { Binding, Keys } from "../core/keys";
import type { Navigation } from "../core/navigation";
import type { Place } from "../core/place";
import type { Shelf } from "../core/shelf";

export interface Page {
  navigation: Navigation;
  shelf: Shelf;
  keys: Keys;
  /** Tell the reader something in passing; screen readers say it. */
  say: (text: string) => void;
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === null) throw new Error("there is no page around this");
  return page;
}

export function useNavigation(): Navigation {
  return usePage().navigation;
}

/** Where the reader is; the component is drawn anew when that changes. */
export function usePlace(): Place {
  const navigation = useNavigation();
  const [, changed] = useReducer((count: number) => count + 1, 0);
  useEffect(() => navigation.subscribe(() => changed(undefined)), [navigation]);
  return navigation.place;
}

/** Bind keys while the component is shown. The functions may be new each time it is drawn. */
export function useKeys(bindings: readonly Binding[]): void {
  const { keys } = usePage();
  const latest = useRef(bindings);
  latest.current = bindings;
  const names = bindings.map((one) => `${one.keys.join(" ")} ${one.what}`).join("\n");
  const bound = useMemo(() => bindings.map((one, index): Binding => ({ ...one, run: () => latest.current[index]?.run() })), [names]);
  useEffect(() => keys.bind(bound), [keys, bound]);
}

export type Loaded<T> = { state: "loading" } | { state: "there"; value: T } | { state: "failed"; problem: string };

/** What a promise brings. `key` says what is loaded: another key loads anew. With `keep`, what was there stays until the next has come. */
export function useLoaded<T>(key: string, load: () => Promise<T>, keep = false): Loaded<T> {
  const [loaded, setLoaded] = useState<{ key: string; result: Loaded<T> }>({ key: "", result: { state: "loading" } });
  useEffect(() => {
    let wanted = true;
    const set = (result: Loaded<T>) => {
      if (wanted) setLoaded({ key, result });
    };
    load().then(
      (value) => set({ state: "there", value }),
      (error: unknown) => set({ state: "failed", problem: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [key]);
  return loaded.key === key || (keep && loaded.result.state === "there") ? loaded.result : LOADING;
}

const LOADING: Loaded<never> = { state: "loading" };

/** Copy a text; where the browser does not allow it, the text is shown for the reader to copy. */
export function useCopy(): (text: string, what: string) => void {
  const { say } = usePage();
  return (text, what) => {
    const copied = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
    copied.then(
      () => say(`${what} copied`),
      () => say(`This browser lets nothing be copied from here: ${text}`),
    );
  };
}
