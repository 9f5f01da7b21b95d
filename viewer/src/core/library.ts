/** A list of runs: which are meant, and in which order. */

import type { Broken, RunHead } from "./data";
import { date } from "./format";

export interface Column {
  key: string;
  name: string;
  /** What it is sorted by; null is unknown, and stands last either way. */
  value: (run: RunHead) => number | string | null;
  /** Whether the largest is looked for first. */
  number: boolean;
}

/** Null where no call told. */
export function tokensOf({ totals: { usage } }: RunHead): number | null {
  return usage.input === null && usage.output === null ? null : (usage.input ?? 0) + (usage.output ?? 0);
}

/** Where a run's cassette is, as far as its name does not say so: its folder, where it is called by its file. */
export function placeBeside({ name, path }: RunHead): string {
  const [, folder = "", file = ""] = /^(.*?)([^/]*)$/s.exec(path ?? "") ?? [];
  return file.replace(/\.ya?ml$/, "") === name ? folder : (path ?? "");
}

export const COLUMNS: readonly Column[] = [
  { key: "name", name: "Run", value: (run) => run.name, number: false },
  { key: "verdict", name: "Verdict", value: (run) => run.verdict, number: false },
  { key: "recorded", name: "Recorded", value: (run) => Date.parse(run.recorded ?? "") || null, number: true },
  { key: "duration", name: "Duration", value: (run) => run.totals.ms, number: true },
  { key: "steps", name: "Steps", value: (run) => run.totals.spans, number: true },
  { key: "calls", name: "LLM calls", value: (run) => run.totals.llm_calls, number: true },
  { key: "tools", name: "Tool calls", value: (run) => run.totals.tool_calls, number: true },
  { key: "tokens", name: "Tokens", value: tokensOf, number: true },
  { key: "cost", name: "Cost", value: (run) => run.totals.cost, number: true },
  { key: "errors", name: "Errors", value: (run) => run.totals.errors, number: true },
];

const UNFINISHED = new Set(["killed", "failed", "interrupted"]);

/** What can be asked of a run by a word: `is:error`. */
const STATES: Record<string, (run: RunHead) => boolean> = {
  running: (run) => run.running,
  unfinished: (run) => !run.running && UNFINISHED.has(run.verdict ?? ""),
  error: (run) => run.totals.errors > 0,
  unpriced: (run) => run.totals.cost === null,
  broken: () => false,
};

const FIELDS: Record<string, (run: RunHead, value: string) => boolean> = {
  is: (run, value) => STATES[value]?.(run) ?? false,
  model: (run, value) => run.totals.models.some((model) => fits(model, value)),
  tag: (run, value) => run.tags.some((tag) => fits(tag, value)),
  verdict: (run, value) => fits(run.verdict ?? "", value),
  day: (run, value) => within(date(run.recorded).slice(0, 10), value),
};

/** A `*` stands for any characters. */
function fits(text: string, pattern: string): boolean {
  const pieces = pattern.split("*");
  const [first = "", ...rest] = pieces;
  const small = text.toLowerCase();
  if (rest.length === 0) return small === first;
  if (!small.startsWith(first)) return false;
  let at = first.length;
  for (const [index, piece] of rest.entries()) {
    const last = index === rest.length - 1;
    const found = last ? small.length - piece.length : small.indexOf(piece, at);
    if (found < at || (last && !small.endsWith(piece))) return false;
    at = found + piece.length;
  }
  return true;
}

function within(day: string, range: string): boolean {
  const [from = "", to = from] = range.split("..");
  return day !== "" && (from === "" || day >= from) && (to === "" || day <= to);
}

interface Term {
  negated: boolean;
  /** Null for a word. */
  field: string | null;
  value: string;
}

/** Words and terms between spaces; in a term, a value of several words is quoted: `tag:"two words"`. */
function termsOf(text: string): Term[] {
  return (text.toLowerCase().match(/-?(?:\w+:"[^"]*"?|\S+)/g) ?? []).map((written) => {
    const negated = written.length > 1 && written.startsWith("-");
    const [, field, value = ""] = /^(\w+):(.+)$/s.exec(negated ? written.slice(1) : written) ?? [];
    const known = field !== undefined && field in FIELDS;
    return known ? { negated, field, value: value.replace(/^"([^"]*)"?$/, "$1") } : { negated, field: null, value: negated ? written.slice(1) : written };
  });
}

/** All words stand somewhere in its name, its path, its tags, its models or its verdict; and the terms hold. */
export function found(runs: readonly RunHead[], words: string): RunHead[] {
  const terms = termsOf(words);
  return runs.filter((run) => {
    const text = [run.name, run.path ?? "", run.verdict ?? "", ...run.tags, ...run.totals.models].join("\n").toLowerCase();
    return terms.every(({ negated, field, value }) => (field === null ? text.includes(value) : (FIELDS[field]?.(run, value) ?? false)) !== negated);
  });
}

/** The broken cassettes that are meant: of those nothing is known but where they are, and what is wrong. */
export function foundBroken(broken: readonly Broken[], words: string): Broken[] {
  const terms = termsOf(words);
  return broken.filter(({ path, problem }) => {
    const text = `${path}\n${problem}\nbroken`.toLowerCase();
    return terms.every(({ negated, field, value }) => (field === null ? text.includes(value) : field === "is" && value === "broken") !== negated);
  });
}

/** A choice that can be made with one press. */
export interface Chip {
  term: string;
  name: string;
  count: number;
  tone: "error" | "warn" | "ok" | null;
}

const MOST = 6;

/** What tells these runs apart, with how many of each there are. */
export function chipsOf(runs: readonly RunHead[], broken: readonly Broken[]): Chip[] {
  const state = (name: string, title: string, tone: Chip["tone"]): Chip => ({
    term: `is:${name}`,
    name: title,
    count: name === "broken" ? broken.length : runs.filter((run) => STATES[name]?.(run)).length,
    tone,
  });
  const states = [state("running", "running", "ok"), state("broken", "broken", "error"), state("error", "with errors", "error"), state("unfinished", "unfinished", "warn"), state("unpriced", "of unknown cost", null)];
  const words = (field: string, of: (run: RunHead) => readonly string[]): Chip[] => {
    const counts = new Map<string, number>();
    for (const run of runs) for (const word of new Set(of(run))) counts.set(word, (counts.get(word) ?? 0) + 1);
    if (counts.size < 2 && [...counts.values()].every((count) => count === runs.length)) return [];
    const most = [...counts].toSorted((a, b) => b[1] - a[1]).slice(0, MOST);
    return most.filter(([word]) => !/["*\n]/.test(word)).map(([word, count]) => ({ term: `${field}:${/\s/.test(word) ? `"${word}"` : word}`, name: word, count, tone: null }));
  };
  return [...states.filter(({ count }) => count > 0), ...words("model", (run) => run.totals.models), ...words("tag", (run) => run.tags)];
}

const parted = (text: string): string[] => text.match(/-?(?:\w+:"[^"]*"?|\S+)/g) ?? [];

export function hasTerm(text: string, term: string): boolean {
  return parted(text).includes(term);
}

/** A filter with a term, or without it if it has it. */
export function toggled(text: string, term: string): string {
  const parts = parted(text);
  return (parts.includes(term) ? parts.filter((part) => part !== term) : [...parts, term]).join(" ");
}

/** `cost`: from large to small, `-cost`: from small to large; names the other way round. Without a column, as they came. */
export function sorted(runs: readonly RunHead[], sort: string | null): readonly RunHead[] {
  const column = COLUMNS.find((one) => one.key === sort?.replace(/^-/, ""));
  if (column === undefined) return runs;
  const sign = (sort?.startsWith("-") ? -1 : 1) * (column.number ? -1 : 1);
  return runs.toSorted((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * (typeof x === "string" ? x.localeCompare(String(y)) : x - Number(y));
  });
}

/** As a server shows them: what runs, then the newest. */
export function newestFirst(runs: readonly RunHead[]): readonly RunHead[] {
  return sorted(runs, "recorded").toSorted((a, b) => Number(b.running) - Number(a.running));
}

/** What pressing the head of a column leads to: sorted, the other way round, as they came. */
export function nextSort(sort: string | null, key: string): string | null {
  return sort === key ? `-${key}` : sort === `-${key}` ? null : key;
}

export function ariaSort(sort: string | null, column: Column): "ascending" | "descending" | undefined {
  if (sort !== column.key && sort !== `-${column.key}`) return undefined;
  return sort.startsWith("-") === column.number ? "ascending" : "descending";
}
