/** What a filter and a range leave of a run, and how much there is of each kind: counted as if that kind were asked for. */

import type { Times } from "./axis";
import type { Kind, LinkKind } from "./data";
import { Filter, parseFilter, type Pattern, type Subject, type Term } from "./filter";
import type { Texts } from "./texts";
import type { Tree } from "./tree";

export interface Facets {
  /** The steps asked for; null where nothing is asked. */
  matches: ReadonlySet<number> | null;
  kinds: ReadonlyMap<Kind, number>;
  errors: number;
}

export interface Asked {
  filter: Filter;
  range: Times | null;
}

/** Until `texts` are there, a text is looked for in the previews. */
export function facetsOf(tree: Tree, { filter, range }: Asked, links: (id: number) => readonly LinkKind[], texts: Texts | null): Facets {
  const [kind, others] = parted(filter.terms, isKind);
  const [error, rest] = parted(others, isError);
  const [ofKind, failed, else_] = [new Filter(kind), new Filter(error), new Filter(rest)];
  const says = searcher(texts);
  const matches = new Set<number>();
  const kinds = new Map<Kind, number>();
  let errors = 0;
  for (const span of tree.spans) {
    if (range !== null && (span.start > range[1] || tree.endOf(span) < range[0])) continue;
    const step: Subject = {
      span,
      links: () => links(span.id),
      says: (pattern) => (texts === null ? pattern.within(span.preview.toLowerCase()) : says(pattern, span.id)),
      reasons: () => texts?.reasons(span.id) ?? false,
    };
    if (!else_.fits(step)) continue;
    const [isOfKind, isFailed] = [ofKind.fits(step), failed.fits(step)];
    if (isFailed) kinds.set(span.kind, (kinds.get(span.kind) ?? 0) + 1);
    if (isOfKind && span.error !== null) errors += 1;
    if (isOfKind && isFailed) matches.add(span.id);
  }
  return { matches: filter.terms.length === 0 && range === null ? null : matches, kinds, errors };
}

function searcher(texts: Texts | null): (pattern: Pattern, id: number) => boolean {
  if (texts === null) return () => false;
  const searches = new Map<Pattern, (id: number) => boolean>();
  return (pattern, id) => {
    let search = searches.get(pattern);
    if (search === undefined) searches.set(pattern, (search = texts.search(pattern)));
    return search(id);
  };
}

function parted(terms: readonly Term[], holds: (term: Term) => boolean): [Term[], Term[]] {
  return [terms.filter(holds), terms.filter((term) => !holds(term))];
}

function isKind({ condition, negated }: Term): boolean {
  return !negated && condition.type === "word" && condition.field === "kind";
}

function isError({ condition, negated }: Term): boolean {
  return !negated && condition.type === "word" && condition.field === "is" && condition.anyOf.length === 1 && condition.anyOf[0]?.pieces[0] === "error";
}

/** The kinds that a filter asks for. */
export function kindsIn(filter: Filter): ReadonlySet<string> {
  return new Set(filter.terms.filter(isKind).flatMap(({ condition }) => (condition.type === "word" ? condition.anyOf.map((one) => one.pieces[0] ?? "") : [])));
}

export function asksForErrors(filter: Filter): boolean {
  return filter.terms.some(isError);
}

/** The filter with a kind more, or less. */
export function withKind(text: string, kind: Kind): string {
  const filter = parseFilter(text);
  const kinds = new Set(kindsIn(filter));
  if (!kinds.delete(kind)) kinds.add(kind);
  return joined(without(text, filter, isKind), kinds.size === 0 ? "" : `kind:${[...kinds].join(",")}`);
}

/** The filter for errors, or no longer for errors. */
export function withErrors(text: string): string {
  const filter = parseFilter(text);
  return asksForErrors(filter) ? without(text, filter, isError) : joined(text, "is:error");
}

function without(text: string, filter: Filter, holds: (term: Term) => boolean): string {
  return filter.terms.filter((term) => !holds(term)).map((term) => text.slice(term.from, term.to)).join(" ");
}

function joined(...terms: string[]): string {
  return terms.map((term) => term.trim()).filter((term) => term !== "").join(" ");
}
