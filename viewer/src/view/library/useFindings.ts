import { useEffect, useRef, useState } from "preact/hooks";
import { searchAll, type Searched } from "../../core/findings";
import { usePage } from "../hooks";

export interface Findings {
  searched: Searched | null;
  problem: string | null;
}

const NOTHING: Findings = { searched: null, problem: null };
/** A reader who types is waited for; and runs that change are not searched all the time. */
const TYPING = 200;
const AGAIN = 1000;

/** What a server finds in all runs; searched again when there are other runs, which `at` tells. */
export function useFindings(text: string, at: string): Findings {
  const { server } = usePage().shelf.source;
  const [findings, setFindings] = useState(NOTHING);
  const latest = useRef(at);
  latest.current = at;
  useEffect(() => {
    setFindings(NOTHING);
    if (server === null || text.trim() === "") return;
    const control = new AbortController();
    const { signal } = control;
    const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
    const tell = (next: Searched) =>
      // What was found before stays until it was looked for again.
      setFindings(({ searched }) => ({ searched: next.over || searched === null ? next : { ...next, found: new Map([...searched.found, ...next.found]) }, problem: null }));
    const search = async () => {
      await pause(TYPING);
      while (!signal.aborted) {
        const seen = latest.current;
        await searchAll((from) => server.search(text, from, signal), tell, () => !signal.aborted);
        do await pause(AGAIN);
        while (!signal.aborted && latest.current === seen);
      }
    };
    search().catch((error: unknown) => {
      if (!signal.aborted) setFindings({ searched: null, problem: error instanceof Error ? error.message : String(error) });
    });
    return () => control.abort();
  }, [text, server]);
  return findings;
}
