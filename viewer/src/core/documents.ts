/** What a retrieval gave back, and how it differs from what it gave before: trace_ops/checks/documents.py. */

import type { Json } from "./data";
import { get, isContainer, written } from "./json";
import { same } from "./leaves";

/** A document; ranks count from 1. */
export interface Document {
  rank: number;
  /** Its id, or where it comes from. */
  name: string | null;
  text: string | null;
  /** `score 0.83`, `distance 0.2`. */
  measure: { name: string; value: number } | null;
  whole: Json;
}

/** The documents that a retrieval gave back; null for an output that is no list of documents. */
export function documentsIn(output: Json): Document[] | null {
  const list = Array.isArray(output) ? output : isContainer(output) ? get(output, "documents") : null;
  if (!Array.isArray(list) || list.length === 0) return null;
  const found = list.map((item, index) => documentOf(item, index + 1));
  return found.every((document) => document.text !== null || document.name !== null) ? found : null;
}

function documentOf(whole: Json, rank: number): Document {
  if (!isContainer(whole) || Array.isArray(whole)) return { rank, name: null, text: typeof whole === "string" ? whole : null, measure: null, whole };
  const first = (...names: string[]) => names.map((name) => get(whole, name)).find((value) => value !== undefined && value !== null && value !== "");
  const text = first("text", "page_content", "content", "document");
  const measure = ["score", "distance"].map((name) => ({ name, value: get(whole, name) })).find(({ value }) => typeof value === "number");
  const id = first("id");
  return {
    rank,
    name: id === undefined ? null : isContainer(id) ? written(id) : String(id),
    text: text === undefined ? null : typeof text === "string" ? text : written(text),
    measure: measure === undefined ? null : { name: measure.name, value: measure.value as number },
    whole,
  };
}

/** A document that came, went, stands elsewhere or changed in itself. */
export interface Shift {
  kind: "removed" | "added" | "re-ranked" | "changed";
  old: Document | null;
  now: Document | null;
}

export function shifts(before: readonly Json[], after: readonly Json[]): Shift[] {
  const [old, now] = [keyed(before), keyed(after)];
  const gone = [...old].filter(([key]) => !now.has(key)).map(([, document]): Shift => ({ kind: "removed", old: document, now: null }));
  const stayed = increasing([...now].flatMap(([key]) => old.get(key)?.rank ?? []));
  const found = [...now].flatMap(([key, document]): Shift[] => {
    const was = old.get(key);
    if (was === undefined) return [{ kind: "added", old: null, now: document }];
    if (!stayed.has(was.rank)) return [{ kind: "re-ranked", old: was, now: document }];
    return isSame(was, document) ? [] : [{ kind: "changed", old: was, now: document }];
  });
  return [...gone, ...found];
}

/** The documents by what tells them apart; of those that are the same, each has a number. */
function keyed(list: readonly Json[]): Map<string, Document> {
  const seen = new Map<string, number>();
  return new Map(
    list.map((item, index) => {
      const document = documentOf(item, index + 1);
      const key = document.name === null ? written(bare(item)) : written([document.name, isContainer(item) ? (get(item, "query") ?? null) : null]);
      seen.set(key, (seen.get(key) ?? 0) + 1);
      return [`${key} ${seen.get(key)}`, document];
    }),
  );
}

const bare = (item: Json): Json => (isContainer(item) && !Array.isArray(item) ? Object.fromEntries(Object.entries(item).filter(([name]) => name !== "score" && name !== "distance")) : item);

// A store computes a score anew each time, and rounds it as the machine does.
const ROUNDING = 1e-6;

function isSame(one: Document, other: Document): boolean {
  const [a, b] = [one.measure?.value ?? 0, other.measure?.value ?? 0];
  return same(bare(one.whole), bare(other.whole)) && Math.abs(a - b) <= ROUNDING * Math.max(1, Math.abs(a), Math.abs(b));
}

/** The most of the numbers that ascend as they stand: a longest increasing subsequence. */
function increasing(numbers: readonly number[]): Set<number> {
  const tails: number[] = [];
  const before = new Map<number, number | undefined>();
  for (const number of numbers) {
    const place = tails.findIndex((tail) => tail >= number);
    const at = place < 0 ? tails.length : place;
    before.set(number, tails[at - 1]);
    tails[at] = number;
  }
  const found = new Set<number>();
  for (let last = tails.at(-1); last !== undefined; last = before.get(last)) found.add(last);
  return found;
}
