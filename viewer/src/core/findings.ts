/** A search in all that was said in all runs, which a server does part by part. */

import type { Findings, Found } from "./data";

export interface Searched {
  found: ReadonlyMap<string, Found>;
  searched: number;
  of: number;
  over: boolean;
}

/** Ask for part after part, and tell of each, until it is over or nobody wants it any more. */
export async function searchAll(part: (from: number) => Promise<Findings>, tell: (searched: Searched) => void, wanted: () => boolean): Promise<void> {
  const found = new Map<string, Found>();
  for (let from: number | null = 0; from !== null; ) {
    const told: Findings = await part(from);
    if (!wanted()) return;
    for (const one of told.found) found.set(one.key, one);
    from = told.next;
    tell({ found: new Map(found), searched: told.searched, of: told.of, over: from === null });
  }
}
