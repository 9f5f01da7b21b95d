/** A list of runs: which are meant, and in which order. */

import type { RunHead } from "./data";

export interface Column {
  key: string;
  name: string;
  /** What it is sorted by; null is unknown, and stands last either way. */
  value: (run: RunHead) => number | string | null;
  /** Whether the largest is looked for first. */
  number: boolean;
}

export const COLUMNS: readonly Column[] = [
  { key: "name", name: "Run", value: (run) => run.name, number: false },
  { key: "verdict", name: "Verdict", value: (run) => run.verdict, number: false },
  { key: "recorded", name: "Recorded", value: (run) => Date.parse(run.recorded ?? "") || null, number: true },
  { key: "duration", name: "Duration", value: (run) => run.totals.ms, number: true },
  { key: "steps", name: "Steps", value: (run) => run.totals.spans, number: true },
  { key: "calls", name: "LLM calls", value: (run) => run.totals.llm_calls, number: true },
  { key: "tools", name: "Tool calls", value: (run) => run.totals.tool_calls, number: true },
  { key: "tokens", name: "Tokens", value: ({ totals: { usage } }) => (usage.input === null && usage.output === null ? null : (usage.input ?? 0) + (usage.output ?? 0)), number: true },
  { key: "cost", name: "Cost", value: (run) => run.totals.cost, number: true },
  { key: "errors", name: "Errors", value: (run) => run.totals.errors, number: true },
];

/** All words stand somewhere in its name, its path, its tags, its models or its verdict. */
export function found(runs: readonly RunHead[], words: string): RunHead[] {
  const wanted = words.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return runs.filter((run) => {
    const text = [run.name, run.path ?? "", run.verdict ?? "", ...run.tags, ...run.totals.models].join("\n").toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
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

/** What pressing the head of a column leads to: sorted, the other way round, as they came. */
export function nextSort(sort: string | null, key: string): string | null {
  return sort === key ? `-${key}` : sort === `-${key}` ? null : key;
}

export function ariaSort(sort: string | null, column: Column): "ascending" | "descending" | undefined {
  if (sort !== column.key && sort !== `-${column.key}`) return undefined;
  return sort.startsWith("-") === column.number ? "ascending" : "descending";
}
