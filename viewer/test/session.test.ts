import { describe, expect, test } from "vitest";
import type { Session, Test } from "../src/core/data";
import { chosen, costOf, ordered, words, type Choice, type Order } from "../src/core/session";

export const aTest = (name: string, given: Partial<Test> = {}): Test => ({
  test: name,
  result: "passed",
  verdict: "replayed",
  reason: null,
  mode: "once",
  cassette: `cassettes/${name}.yaml`,
  seconds: 1,
  llm_calls: 1,
  tool_calls: 0,
  tokens: { spent: 0, saved: 10 },
  cost_usd: { spent: 0, saved: 0.1 },
  misses: [],
  unplayed: [],
  violations: [],
  notes: [],
  warnings: [],
  change: null,
  take: null,
  command: `pytest ${name} --record`,
  run: name,
  comparison: null,
  ...given,
});

const TESTS = [
  aTest("a", { seconds: 2 }),
  aTest("b", { change: "first difference: step 1", cost_usd: { spent: null, saved: 0 } }),
  aTest("c", { result: "failed", verdict: "missed", misses: ["1 call"], reason: "AssertionError: Oslo" }),
  aTest("d", { violations: ["max_usd: $2"], tokens: { spent: 90, saved: 0 } }),
  aTest("e", { verdict: "recorded" }),
];
const names = (tests: readonly Test[]) => tests.map(({ test: name }) => name).join("");
const sorted = (order: Order) => names(ordered(TESTS, order));
const picked = (choice: Partial<Choice>) => names(chosen(TESTS, { text: "", words: new Set(), ...choice }));

describe("the tests of a session", () => {
  test("come with what failed and what changed first", () => expect(sorted({ column: null, descending: false })).toBe("cdbea"));

  test("are sorted by a column, what is not known at the end of what is least", () => {
    expect(sorted({ column: "seconds", descending: true })).toBe("abcde");
    expect(sorted({ column: "tokens", descending: true })).toBe("dabce");
    expect(sorted({ column: "cost", descending: false })).toBe("bacde");
    expect(sorted({ column: "test", descending: true })).toBe("edcba");
  });

  test("are chosen by words in any of their texts", () => {
    expect(picked({ text: "OSLO assert" })).toBe("c");
    expect(picked({ text: "max_usd" })).toBe("d");
    expect(picked({ text: "constructor" })).toBe("");
  });

  test("are chosen by result and verdict, which narrow each other", () => {
    expect(picked({ words: new Set(["recorded", "missed"]) })).toBe("ce");
    expect(picked({ words: new Set(["passed"]) })).toBe("abde");
    expect(picked({ words: new Set(["passed", "recorded"]) })).toBe("e");
  });

  test("are counted", () => {
    const { results, verdicts } = words({ tests: [...TESTS, aTest("f", { verdict: "__proto__" })] } as unknown as Session);
    expect([...results]).toEqual([["passed", 5], ["failed", 1]]);
    expect(verdicts.get("__proto__")).toBe(1);
  });

  test("cost what nobody knows where a price is not known", () => expect(TESTS.slice(0, 2).map(costOf)).toEqual([0.1, null]));
});
