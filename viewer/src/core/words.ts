/** What changed between two texts, word by word: as trace_ops.diff.text does it, within the time that a page has. */

import { diffArrays } from "diff/lib/diff/array.js";

export interface Segment {
  /** `same` and `gone` make up the old text, `same` and `come` the new one. */
  kind: "same" | "gone" | "come";
  text: string;
}

// Chinese and Japanese put no spaces between words; each character counts as one.
const CJK = "\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff";
const WORD = new RegExp(`[${CJK}]|[\\p{L}\\p{N}\\p{M}_]+?(?=[${CJK}]|[^\\p{L}\\p{N}\\p{M}_]|$)|\\n|[^\\S\\n]+|[^\\p{L}\\p{N}\\p{M}_\\s]`, "gu");
const LINE = /[^\n]*\n|[^\n]+/g;
// What stayed between two changes, and is no longer than this and than they are, stayed by chance.
const STRAY = 16;
// Longer texts are compared by lines first.
const MOST_CHARACTERS = 80_000;
const MOST_EDITS = 4000;
const MS = 400;
// How far a change is moved to begin with a line.
const FARTHEST = 200;

/** Compare two texts by words; long ones by lines, and by words where lines differ; what takes too long, as a whole. */
export function segments(old: string, now: string): Segment[] {
  if (old === now) return old === "" ? [] : [{ kind: "same", text: old }];
  const [start, end] = commonEnds(old, now);
  const [before, after] = [old.slice(start, old.length - end), now.slice(start, now.length - end)];
  const inner = (isShort(before, after) ? byWords : byLines)(before, after, Date.now() + MS);
  return tidied([{ kind: "same", text: old.slice(0, start) }, ...inner, { kind: "same", text: old.slice(old.length - end) }]);
}

/** How much two texts have in common at their ends, up to whole words. */
function commonEnds(old: string, now: string): [number, number] {
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old.charCodeAt(start) === now.charCodeAt(start)) start += 1;
  while (start > 0 && !(splits(old, start) && splits(now, start))) start -= 1;
  let end = 0;
  while (end < shorter - start && old.charCodeAt(old.length - 1 - end) === now.charCodeAt(now.length - 1 - end)) end += 1;
  while (end > 0 && !(splits(old, old.length - end) && splits(now, now.length - end))) end -= 1;
  return [start, end];
}

const INSIDE = /[^\s!-/:-@[-^`{-~]/;

/** Whether a place in a text is between words. */
function splits(text: string, at: number): boolean {
  return at <= 0 || at >= text.length || !INSIDE.test(text[at - 1] ?? "") || !INSIDE.test(text[at] ?? "");
}

const isShort = (old: string, now: string) => old.length + now.length <= MOST_CHARACTERS;

function byWords(old: string, now: string, until: number): Segment[] {
  return compared(old.match(WORD) ?? [], now.match(WORD) ?? [], until) ?? whole(old, now);
}

function byLines(old: string, now: string, until: number): Segment[] {
  const found = compared(old.match(LINE) ?? [], now.match(LINE) ?? [], until);
  if (found === null) return whole(old, now);
  return blocks(found).flatMap(([same, gone, come]): Segment[] => [{ kind: "same", text: same }, ...(isShort(gone, come) ? byWords(gone, come, until) : whole(gone, come))]);
}

function whole(old: string, now: string): Segment[] {
  return [
    { kind: "gone", text: old },
    { kind: "come", text: now },
  ];
}

function compared(old: string[], now: string[], until: number): Segment[] | null {
  const found = diffArrays(old, now, { maxEditLength: MOST_EDITS, timeout: Math.max(1, until - Date.now()) });
  return found?.map((change) => ({ kind: change.added ? "come" : change.removed ? "gone" : "same", text: change.value.join("") })) ?? null;
}

/** What stayed, what went after it and what came. */
type Block = [same: string, gone: string, come: string];

function blocks(found: Segment[]): Block[] {
  const made: Block[] = [["", "", ""]];
  for (const { kind, text } of found) {
    const last = made[made.length - 1] as Block;
    if (kind === "gone") last[1] += text;
    else if (kind === "come") last[2] += text;
    else if (last[1] !== "" || last[2] !== "") made.push([text, "", ""]);
    else last[0] += text;
  }
  return made;
}

/** Join what belongs together, and do not let single words that stayed tear a change to pieces. */
function tidied(found: Segment[]): Segment[] {
  const kept: Block[] = [];
  for (const block of blocks(found.filter((segment) => segment.text !== ""))) {
    kept.push(block);
    for (let last = kept.at(-2); last !== undefined && stray(last, kept[kept.length - 1] as Block); last = kept.at(-2)) {
      const [same, gone, come] = kept.pop() as Block;
      last[1] += same + gone;
      last[2] += same + come;
    }
  }
  return slid(kept)
    .flatMap(([same, gone, come]): Segment[] => [{ kind: "same", text: same }, ...whole(gone, come)])
    .filter((segment) => segment.text !== "");
}

/** Let what only went, or only came, begin with a line where it can be read so: "2, line" of "line 1, line 2, line 3" is "line 2". */
function slid(found: Block[]): Block[] {
  found.forEach((block, number) => {
    const next = found[number + 1];
    const [same, gone, come] = block;
    const edit = gone + come;
    if (next === undefined || (gone !== "" && come !== "") || edit === "") return;
    const left = lineStart(same, edit);
    if (left === 0) return;
    const moved = same.slice(-left) + edit;
    const changed = moved.slice(0, edit.length);
    block.splice(0, 3, same.slice(0, -left), gone && changed, come && changed);
    next[0] = moved.slice(edit.length) + next[0];
  });
  return found;
}

/** By how much a change after a text may be moved to the left until it begins with a line. */
function lineStart(same: string, edit: string): number {
  if (same === "" || same.endsWith("\n")) return 0;
  const around = same.slice(-FARTHEST) + edit;
  for (let left = 0; left < around.length - edit.length; ) {
    if (around[around.length - 1 - left] !== same[same.length - 1 - left]) return 0;
    left += 1;
    if (left === same.length || same[same.length - 1 - left] === "\n") return left;
  }
  return 0;
}

function stray(before: Block, after: Block): boolean {
  const between = after[0];
  if (between.includes("\n") || after[1] + after[2] === "" || before[1] + before[2] === "") return false;
  const smaller = Math.min(Math.max(before[1].length, before[2].length), Math.max(after[1].length, after[2].length));
  return between.trim() === "" || between.length <= Math.min(STRAY, smaller);
}
