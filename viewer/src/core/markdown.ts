/**
 * Markdown as models write it, as a tree. It is read here, and not by a library, so that no HTML comes of it at any time: what a model says is
 * text or one of the few things below, and any text is read in time by its length. Line breaks and spaces stay as they were written.
 */

import { chunks } from "./folding";
import { inline, type Inline } from "./inline";

export type Block =
  | { type: "paragraph"; inside: Inline[] }
  | { type: "heading"; level: number; inside: Inline[] }
  /** `info` is what stands beside the fence: the language. */
  | { type: "code"; info: string; text: string }
  | { type: "quote"; blocks: Block[] }
  /** `start` is the number of the first item; null for bullets. */
  | { type: "list"; start: number | null; items: Block[][] }
  | { type: "table"; align: (string | null)[]; rows: Inline[][][] }
  | { type: "rule" };

const DEEPEST = 10;

const FENCE = /^ {0,3}(`{3,}|~{3,})([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)])(?:( {1,4})(?! )| {5,}|$)/;
const DASHES = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

export function blocks(text: string): Block[] {
  return blocksOf(text.replace(/\r\n?/g, "\n").split("\n"), 0);
}

function blocksOf(lines: readonly string[], depth: number): Block[] {
  const found: Block[] = [];
  let paragraph: string[] = [];
  const close = () => {
    if (paragraph.length > 0) found.push({ type: "paragraph", inside: inline(paragraph.join("\n")) });
    paragraph = [];
  };
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? "";
    const block = line.trim() === "" ? null : blockAt(lines, at, depth, paragraph.length > 0);
    if (block !== null) {
      close();
      found.push(block.block);
      at += block.lines;
      continue;
    }
    if (line.trim() === "") close();
    else paragraph.push(line);
    at += 1;
  }
  close();
  return found;
}

interface Found {
  block: Block;
  /** How many lines it takes. */
  lines: number;
}

/** What begins at a line; null where that is a line of a paragraph. */
function blockAt(lines: readonly string[], at: number, depth: number, inParagraph: boolean): Found | null {
  const line = lines[at] ?? "";
  const fence = FENCE.exec(line);
  if (fence !== null) return code(lines, at, fence[1] ?? "", (fence[2] ?? "").trim());
  const heading = HEADING.exec(line);
  if (heading !== null) return { block: { type: "heading", level: heading[1]?.length ?? 1, inside: inline(heading[2] ?? "") }, lines: 1 };
  if (RULE.test(line)) return { block: { type: "rule" }, lines: 1 };
  if (depth < DEEPEST && QUOTE.test(line)) return quote(lines, at, depth);
  const item = ITEM.exec(line);
  // A line of text that begins with a number is no list by that, unless a list begins at one.
  if (depth < DEEPEST && item !== null && !(inParagraph && /^(?!1[.)])\d/.test(item[2] ?? ""))) return list(lines, at, depth);
  return line.includes("|") && DASHES.test(lines[at + 1] ?? "") ? table(lines, at) : null;
}

function code(lines: readonly string[], at: number, fence: string, info: string): Found {
  const closing = new RegExp(`^ {0,3}\\${fence.charAt(0)}{${fence.length},}[ \\t]*$`);
  const indent = /^ */.exec(lines[at] ?? "")?.[0].length ?? 0;
  let end = at + 1;
  while (end < lines.length && !closing.test(lines[end] ?? "")) end += 1;
  const text = lines.slice(at + 1, end).map((line) => line.slice(Math.min(indent, line.search(/\S|$/))));
  return { block: { type: "code", info, text: text.join("\n") }, lines: Math.min(end + 1, lines.length) - at };
}

function quote(lines: readonly string[], at: number, depth: number): Found {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end] ?? "")) end += 1;
  return { block: { type: "quote", blocks: blocksOf(lines.slice(at, end).map((line) => line.replace(QUOTE, "")), depth + 1) }, lines: end - at };
}

function list(lines: readonly string[], at: number, depth: number): Found {
  const first = ITEM.exec(lines[at] ?? "");
  const [base, kind] = [first?.[1]?.length ?? 0, kindOf(first)];
  const items: string[][] = [];
  let end = at;
  for (; end < lines.length; end++) {
    const line = lines[end] ?? "";
    const item = ITEM.exec(line);
    const indent = line.search(/\S|$/);
    if (item !== null && indent < base + 2 && !RULE.test(line)) {
      if (kindOf(item) !== kind) break;
      items.push([line.slice(item[0].length)]);
      continue;
    }
    const blank = line.trim() === "";
    const before = (lines[end - 1] ?? "").trim() === "";
    // What is indented belongs to the item, and what goes on with its paragraph does.
    if (!blank && indent < base + 2 && (before || blockAt(lines, end, DEEPEST, true) !== null || QUOTE.test(line))) break;
    items.at(-1)?.push(line.slice(Math.min(indent, base + (first?.[2]?.length ?? 1) + 1)));
  }
  while (end > at && (lines[end - 1] ?? "").trim() === "") end -= 1;
  const number = Number.parseInt(first?.[2] ?? "", 10);
  return { block: { type: "list", start: Number.isNaN(number) ? null : number, items: items.map((item) => blocksOf(item, depth + 1)) }, lines: end - at };
}

/** Items of one list have the same mark, or a number before the same one. */
const kindOf = (item: RegExpExecArray | null) => item?.[2]?.replace(/\d+/, "1");

function table(lines: readonly string[], at: number): Found {
  let end = at + 2;
  while (end < lines.length && (lines[end] ?? "").includes("|")) end += 1;
  const align = cells(lines[at + 1] ?? "").map((cell) => (cell.endsWith(":") ? (cell.startsWith(":") ? "center" : "right") : null));
  const rows = [lines[at] ?? "", ...lines.slice(at + 2, end)].map((line) => cells(line).map((cell) => inline(cell.replaceAll("\\|", "|"))));
  return { block: { type: "table", align, rows }, lines: end - at };
}

function cells(line: string): string[] {
  return line
    .trim()
    .replace(/^\||(?<!\\)\|$/g, "")
    .split(/(?<!\\)\|/)
    .slice(0, 100)
    .map((cell) => cell.trim());
}

/** So much is put together to be drawn at once. */
const SECTION = 4000;
const LONGEST = 20_000;

/** A part of a text; what is not `marked` is shown as it is. */
export interface Section {
  text: string;
  marked: boolean;
}

/** Cut a text where its paragraphs end, outside of code. */
export function sections(text: string): Section[] {
  const found: Section[] = [];
  let [start, end, fence] = [0, 0, ""];
  const close = () => {
    if (end > start) found.push(...cut(text.slice(start, end)));
    start = end;
  };
  for (const [line] of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
    const mark = FENCE.exec(line.trimEnd())?.[1] ?? "";
    if (fence === "" && mark !== "") fence = mark;
    else if (fence !== "" && mark.startsWith(fence) && line.trim() === mark) fence = "";
    end += line.length;
    if (end - start > SECTION && fence === "" && line.trim() === "") close();
  }
  close();
  return found;
}

/** A paragraph that is too long to be drawn at once, in chunks. */
function cut(text: string): Section[] {
  return text.length <= LONGEST ? [{ text, marked: true }] : chunks(text, LONGEST).map((chunk) => ({ text: chunk, marked: false }));
}

/** The address that a link may lead to; null for what is no address of the web or of mail. */
export function addressOf(href: string): string | null {
  if (!URL.canParse(href)) return null;
  const url = new URL(href);
  return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
}
