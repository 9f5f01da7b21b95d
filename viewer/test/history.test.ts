import { describe, expect, it } from "vitest";
import { barsBy, usualGrain } from "../src/core/history";
import { found } from "../src/core/library";
import { head } from "./runs";

const on = (key: string, day: string, more: { cost?: number | null; calls?: number; tokens?: number } = {}) => {
  const usage = { ...head(key).totals.usage, input: more.tokens ?? null };
  return head(key, { recorded: `${day}T12:00:00Z`, totals: { ...head(key).totals, cost: more.cost === undefined ? 0 : more.cost, llm_calls: more.calls ?? 0, usage } });
};

describe("by day", () => {
  it("days without a run are there, with nothing", () => {
    const bars = barsBy("day", [on("c", "2026-11-22", { cost: 3 }), on("a", "2026-11-20", { cost: 1, calls: 2, tokens: 10 }), on("b", "2026-11-20", { cost: null, calls: 1 })]);
    expect(bars.map(({ name, runs, cost, unknown, tokens, calls, term }) => [name, runs, cost, unknown, tokens, calls, term])).toEqual([
      ["2026-11-20", 2, 1, 1, 10, 3, "day:2026-11-20"],
      ["2026-11-21", 0, 0, 0, 0, 0, "day:2026-11-21"],
      ["2026-11-22", 1, 3, 0, 0, 0, "day:2026-11-22"],
    ]);
  });

  it("many days are put together by weeks, and each run is in the bar that asks for it", () => {
    const runs = Array.from({ length: 40 }, (_, index) => on(String(index), new Date(Date.UTC(2026, 0, 1 + index * 9)).toISOString().slice(0, 10), { calls: 1 }));
    const bars = barsBy("day", runs);
    expect(bars.length).toBeLessThanOrEqual(62);
    expect(bars[0]?.name).toBe("2026-01-01 to 2026-01-07");
    expect(bars.at(-1)?.name.endsWith("2026-12-18")).toBe(true);
    expect(bars.reduce((sum, bar) => sum + bar.calls, 0)).toBe(40);
    for (const bar of bars) expect(found(runs, bar.term ?? "")).toHaveLength(bar.runs);
  });

  it("runs of which nobody knows when they were recorded are left out", () => {
    expect(barsBy("day", [head("a"), head("b", { recorded: "never" })])).toEqual([]);
  });
});

describe("by recording", () => {
  it("one by one, the newest last, and no more than can be seen", () => {
    const runs = [on("b", "2026-11-21"), on("a", "2026-11-20"), head("never")];
    expect(barsBy("recording", runs).map((bar) => [bar.name, bar.run, bar.term])).toEqual([
      ["a", "a", null],
      ["b", "b", null],
    ]);
    expect(barsBy("recording", Array.from({ length: 100 }, (_, index) => on(String(index), "2026-11-20")))).toHaveLength(62);
  });
});

it("what is of one day is shown by recording", () => {
  expect([usualGrain([on("a", "2026-11-20"), on("b", "2026-11-20")]), usualGrain([on("a", "2026-11-20"), on("b", "2026-11-21")]), usualGrain([])]).toEqual(["recording", "day", "recording"]);
});
