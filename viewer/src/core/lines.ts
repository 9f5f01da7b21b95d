/** A comparison of two texts as rows of lines, for one column or two. */

import { segments, type Segment } from "./words";

/** A line of one text, and its number from 1. */
export interface Line {
  number: number;
  segments: Segment[];
}

export interface Row {
  changed: boolean;
  old: Line | null;
  now: Line | null;
}

/** Rows that are shown, or a stretch without changes that is folded. */
export interface Stretch {
  folded: boolean;
  rows: Row[];
}

export function rows(old: string, now: string): Row[] {
  const made: Row[] = [];
  const counts = { old: 0, now: 0 };
  let block: Block = { old: [[]], now: [[]] };
  for (const { kind, text } of segments(old, now)) {
    text.split("\n").forEach((part, number) => {
      if (number > 0 && kind === "same") {
        made.push(...rowsOf(block, counts));
        block = { old: [[]], now: [[]] };
      } else if (number > 0) (kind === "gone" ? block.old : block.now).push([]);
      if (part === "") return;
      if (kind !== "come") block.old.at(-1)?.push({ kind, text: part });
      if (kind !== "gone") block.now.at(-1)?.push({ kind, text: part });
    });
  }
  // A text of nothing has no line.
  if (old === "") block.old.shift();
  if (now === "") block.now.shift();
  return [...made, ...rowsOf(block, counts)];
}

/** Lines of both texts between two line breaks that both have. */
interface Block {
  old: Segment[][];
  now: Segment[][];
}

function rowsOf(block: Block, counts: { old: number; now: number }): Row[] {
  const row = (old: Segment[] | undefined, now: Segment[] | undefined): Row => ({
    changed: old === undefined || now === undefined || !isSame(old, now),
    old: old === undefined ? null : { number: ++counts.old, segments: old },
    now: now === undefined ? null : { number: ++counts.now, segments: now },
  });
  const { old, now } = block;
  // What is the same at the end stands beside its like, however many lines there are before it.
  const last = old.length !== now.length && isSame(old[old.length - 1] ?? [], now[now.length - 1] ?? []);
  const first = last && isSame(old[0] ?? [], now[0] ?? []) ? 1 : 0;
  const ends: Row[] = first ? [row(old[0], now[0])] : [];
  const [before, after] = last ? [old.slice(first, -1), now.slice(first, -1)] : [old, now];
  for (let number = 0; number < Math.max(before.length, after.length); number += 1) ends.push(row(before[number], after[number]));
  if (last) ends.push(row(old[old.length - 1], now[now.length - 1]));
  return ends;
}

function isSame(old: Segment[], now: Segment[]): boolean {
  return [...old, ...now].every((segment) => segment.kind === "same");
}

/** Fold what did not change but for a few rows around what did. */
export function stretches(all: Row[], context = 3): Stretch[] {
  const near = new Set(all.flatMap((row, number) => (row.changed ? Array.from({ length: 2 * context + 1 }, (_, offset) => number - context + offset) : [])));
  const found: Stretch[] = [];
  all.forEach((row, number) => {
    const folded = !near.has(number);
    if (found.at(-1)?.folded === folded) found.at(-1)?.rows.push(row);
    else found.push({ folded, rows: [row] });
  });
  // One row takes no more room than what would stand for it.
  return found.map((stretch) => (stretch.folded && stretch.rows.length === 1 ? { ...stretch, folded: false } : stretch));
}

/** A row of one column. */
export interface Unified {
  sign: " " | "-" | "+";
  old: number | null;
  now: number | null;
  segments: Segment[];
}

/** The same rows in one column: of what changed together, all that went and then all that came. */
export function unified(all: Row[]): Unified[] {
  const found: Unified[] = [];
  let come: Unified[] = [];
  for (const { changed, old, now } of all) {
    if (!changed) {
      found.push(...come, { sign: " ", old: old?.number ?? null, now: now?.number ?? null, segments: now?.segments ?? [] });
      come = [];
      continue;
    }
    if (old !== null) found.push({ sign: "-", old: old.number, now: null, segments: old.segments });
    if (now !== null) come.push({ sign: "+", old: null, now: now.number, segments: now.segments });
  }
  return [...found, ...come];
}

const WHOLE = 400;
const AROUND = 120;

/** A part of a line; `hidden` is what stayed and stands far from what changed. */
export interface Shown extends Segment {
  hidden: boolean;
}

/** A long line with what stayed cut down to the surroundings of what changed. */
export function shortened(line: Segment[]): Shown[] {
  return line.flatMap((segment, number): Shown[] => {
    const { kind, text } = segment;
    if (kind !== "same" || text.length <= WHOLE) return [{ ...segment, hidden: false }];
    const head = number > 0 ? AROUND : 0;
    const tail = number < line.length - 1 ? AROUND : 0;
    if (head + tail === 0) return [{ ...segment, hidden: false }];
    return [
      { kind, text: text.slice(0, head), hidden: false },
      { kind, text: text.slice(head, text.length - tail), hidden: true },
      { kind, text: text.slice(text.length - tail), hidden: false },
    ].filter((part) => part.text !== "") as Shown[];
  });
}
