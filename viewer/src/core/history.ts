/** What runs came to over time: by day, or one by one. */

import type { RunHead } from "./data";
import { date } from "./format";
import { tokensOf } from "./library";

export type Grain = "day" | "recording";

/** A bar of a chart. What nobody knows is not in its sums; `unknown` counts the runs of which the cost is not known. */
export interface Bar {
  /** `2026-11-25`, `2026-11-23 to 2026-11-29`, the name of a run. */
  name: string;
  runs: number;
  cost: number;
  unknown: number;
  tokens: number;
  calls: number;
  /** What asks for these runs. */
  term: string | null;
  /** The key of the run, where it is one. */
  run: string | null;
}

const DAY = 86_400_000;
/** More bars than these are too thin to be seen. */
const MOST = 62;

export function barsBy(grain: Grain, runs: readonly RunHead[]): Bar[] {
  const dated = runs.filter((run) => date(run.recorded) !== "").toSorted((a, b) => Date.parse(a.recorded ?? "") - Date.parse(b.recorded ?? ""));
  return grain === "day" ? byDay(dated) : dated.slice(-MOST).map((run) => barOf(run.name, [run], null, run.key));
}

/** By recording, where a chart by day would have one bar. */
export function usualGrain(runs: readonly RunHead[]): Grain {
  return new Set(runs.map((run) => date(run.recorded).slice(0, 10)).filter((day) => day !== "")).size > 1 ? "day" : "recording";
}

/** A bar a day from the first to the last; where these are too many, one for several days. */
function byDay(runs: readonly RunHead[]): Bar[] {
  const [first, last] = [runs[0], runs.at(-1)];
  if (first === undefined || last === undefined) return [];
  const [start, end] = [dayOf(first), dayOf(last)];
  const width = Math.ceil((end - start + 1) / MOST);
  const several = width > 1 ? Math.ceil(width / 7) * 7 : 1;
  const groups = new Map<number, RunHead[]>();
  for (const run of runs) {
    const bar = Math.floor((dayOf(run) - start) / several);
    groups.set(bar, [...(groups.get(bar) ?? []), run]);
  }
  return Array.from({ length: Math.floor((end - start) / several) + 1 }, (_, bar) => {
    const [from, to] = [named(start + bar * several), named(Math.min(end, start + (bar + 1) * several - 1))];
    return barOf(from === to ? from : `${from} to ${to}`, groups.get(bar) ?? [], from === to ? `day:${from}` : `day:${from}..${to}`, null);
  });
}

function barOf(name: string, runs: readonly RunHead[], term: string | null, run: string | null): Bar {
  const sum = (of: (run: RunHead) => number | null) => runs.reduce((total, one) => total + (of(one) ?? 0), 0);
  return {
    name,
    runs: runs.length,
    cost: sum((one) => one.totals.cost),
    unknown: runs.filter((one) => one.totals.cost === null).length,
    tokens: sum(tokensOf),
    calls: sum((one) => one.totals.llm_calls),
    term,
    run,
  };
}

/** The number of the day on which a run was recorded, where the reader is. */
const dayOf = (run: RunHead): number => Date.parse(date(run.recorded).slice(0, 10)) / DAY;

const named = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);
