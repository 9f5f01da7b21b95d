/** Where two JSON values differ, leaf by leaf. */

import type { Json } from "./data";
import { type Container, entries, get, isContainer, size } from "./json";

export interface Leaf {
  /** Dotted: `messages.2.content`; empty for the whole. */
  path: string;
  /** Undefined on the side that has no such leaf. */
  old: Json | undefined;
  now: Json | undefined;
}

export const MOST_LEAVES = 1000;

/** The leaves that differ, in their order, so many at most; of a list, items put in or taken out are told as such. */
export function leaves(old: Json, now: Json, most = MOST_LEAVES): Leaf[] {
  const found: Leaf[] = [];
  const waiting: Leaf[] = [{ path: "", old, now }];
  for (let at = waiting.pop(); at !== undefined && found.length < most; at = waiting.pop()) {
    if (!isContainer(at.old) || !isContainer(at.now) || Array.isArray(at.old) !== Array.isArray(at.now)) {
      if (!same(at.old, at.now)) found.push(at);
    } else waiting.push(...(Array.isArray(at.old) ? items(at.path, at.old, at.now as Json[]) : fields(at.path, at.old, at.now)).reverse());
  }
  return found;
}

function fields(path: string, old: Container, now: Container): Leaf[] {
  const keys = new Set([...entries(old), ...entries(now)].map(([key]) => key));
  return [...keys].map((key) => ({ path: joined(path, key), old: get(old, key), now: get(now, key) }));
}

/** Items by their number; where there are more or fewer than before, those at the end are counted from there. */
function items(path: string, old: Json[], now: Json[]): Leaf[] {
  const end = old.length === now.length ? 0 : sameAtEnd(old, now);
  const item = (list: Json[], number: number) => (number < list.length - end ? list[number] : undefined);
  return Array.from({ length: Math.max(old.length, now.length) - end }, (_, number) => ({
    path: joined(path, String(number)),
    old: item(old, number),
    now: item(now, number),
  }));
}

/** How many items are the same at the end, less those that are the same at the start. */
function sameAtEnd(old: Json[], now: Json[]): number {
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && same(old[start], now[start])) start += 1;
  let end = 0;
  while (end < shorter - start && same(old[old.length - 1 - end], now[now.length - 1 - end])) end += 1;
  return end;
}

const joined = (path: string, key: string) => (path === "" ? key : `${path}.${key}`);

/** Whether two values are the same JSON, whatever the order of names. */
export function same(one: Json | undefined, other: Json | undefined): boolean {
  const waiting: [Json | undefined, Json | undefined][] = [[one, other]];
  for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
    const [a, b] = pair;
    if (a === b) continue;
    if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b) || size(a) !== size(b)) return false;
    for (const [key, value] of entries(a)) waiting.push([value, get(b, key)]);
  }
  return true;
}
