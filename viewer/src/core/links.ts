/** The links between steps, and the way along them. */

import type { Link, LinkKind } from "./data";
import type { Tree } from "./tree";

/** Which of several is followed first. */
const ORDER: readonly LinkKind[] = ["retry", "fallback", "handoff", "continues", "data", "branch"];

/** What a link says, looking forward and looking back. */
export const LINK_WORDS: Record<LinkKind, { out: string; in: string }> = {
  retry: { out: "tried again as", in: "retry of" },
  fallback: { out: "fell back to", in: "fallback for" },
  branch: { out: "branches to", in: "branch of" },
  data: { out: "result goes to", in: "given by" },
  handoff: { out: "hands over to", in: "handed over by" },
  continues: { out: "goes on in", in: "goes on from" },
};

export class Links {
  readonly #out = new Map<number, Link[]>();
  readonly #in = new Map<number, Link[]>();

  constructor(readonly tree: Tree) {
    for (const link of tree.run.links) {
      // A link to a step that is not there leads nowhere.
      if (!tree.has(link.from) || !tree.has(link.to) || link.from === link.to) continue;
      put(this.#out, link.from, link);
      put(this.#in, link.to, link);
    }
    for (const links of this.#out.values()) links.sort((a, b) => rank(a) - rank(b) || a.to - b.to);
    for (const links of this.#in.values()) links.sort((a, b) => rank(a) - rank(b) || b.from - a.from);
  }

  /** The links that begin at a step; the one that is followed stands first. */
  out(id: number): readonly Link[] {
    return this.#out.get(id) ?? [];
  }

  /** The links that end at a step. */
  in(id: number): readonly Link[] {
    return this.#in.get(id) ?? [];
  }

  kinds(id: number): LinkKind[] {
    return [...this.out(id), ...this.in(id)].map((link) => link.kind);
  }

  /** The step that one leads to, forward or back; null at the end of the way. */
  next(id: number, forward: boolean): number | null {
    return (forward ? this.out(id)[0]?.to : this.in(id)[0]?.from) ?? null;
  }
}

function rank(link: Link): number {
  return ORDER.indexOf(link.kind);
}

function put(map: Map<number, Link[]>, key: number, link: Link): void {
  const there = map.get(key);
  if (there === undefined) map.set(key, [link]);
  else there.push(link);
}
