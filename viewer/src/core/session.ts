/** The tests of a session in the order and choice that a reader asks for. */

import type { Session, Test } from "./data";
import { grouped } from "./grouped";

export type Column = "test" | "result" | "verdict" | "calls" | "tokens" | "cost" | "seconds";

export interface Order {
  /** Null for what matters most first: failed, then changed, then the rest in the order they ran. */
  column: Column | null;
  descending: boolean;
}

export interface Choice {
  text: string;
  /** Results and verdicts; those of one kind add up, all of none. */
  words: ReadonlySet<string>;
}

const FAILED = new Set(["failed", "error"]);
const FINE = new Set(["replayed", "empty", "verified"]);

export function failed(test: Test): boolean {
  return FAILED.has(test.result);
}

/** Whether its run is another than its recording, or nobody knows. */
export function changed(test: Test): boolean {
  return test.change !== null || test.comparison !== null || !FINE.has(test.verdict);
}

/** How bad a result or a verdict is. */
export function tone(word: string): "error" | "warn" | "ok" | null {
  if (["failed", "error", "missed", "missing", "unplayed", "different", "broken"].includes(word)) return "error";
  if (["unkept", "partial", "recorded", "xpassed"].includes(word)) return "warn";
  return ["passed", "replayed", "verified"].includes(word) ? "ok" : null;
}

/** What was paid, or would have been: what calls made and served took. Null where a price is not known. */
export function costOf(test: Test): number | null {
  const { spent, saved } = test.cost_usd;
  return spent === null || saved === null ? null : spent + saved;
}

export const tokensOf = (test: Test) => test.tokens.spent + test.tokens.saved;

/** The results and verdicts that occur, with how often. */
export function words(session: Session): { results: Map<string, number>; verdicts: Map<string, number> } {
  const count = (of: (test: Test) => string) => new Map([...grouped(session.tests, of)].map(([word, tests]): [string, number] => [word, tests.length]));
  return { results: count((test) => test.result), verdicts: count((test) => test.verdict) };
}

export function chosen(tests: readonly Test[], choice: Choice): Test[] {
  const text = choice.text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const known = { results: new Set(tests.map((test) => test.result)), verdicts: new Set(tests.map((test) => test.verdict)) };
  const fits = (word: string, all: ReadonlySet<string>) => choice.words.has(word) || ![...choice.words].some((one) => all.has(one));
  return tests.filter((test) => fits(test.result, known.results) && fits(test.verdict, known.verdicts) && text.every((word) => searched(test).includes(word)));
}

function searched(test: Test): string {
  return [test.test, test.cassette, test.reason, test.change, test.mode, ...test.misses, ...test.violations, ...test.unplayed, ...test.notes, ...test.warnings].join("\n").toLowerCase();
}

export function ordered(tests: readonly Test[], { column, descending }: Order): Test[] {
  const by = column === null ? matters : compared(column);
  const sign = column !== null && descending ? -1 : 1;
  return tests.toSorted((one, other) => sign * by(one, other));
}

function matters(one: Test, other: Test): number {
  const rank = (test: Test) => (failed(test) ? 0 : test.violations.length + test.misses.length > 0 ? 1 : changed(test) ? 2 : 3);
  return rank(one) - rank(other);
}

function compared(column: Column): (one: Test, other: Test) => number {
  const text = (of: (test: Test) => string) => (one: Test, other: Test) => (of(one) < of(other) ? -1 : of(one) > of(other) ? 1 : 0);
  // What is not known comes after all that is, from whichever side.
  const number = (of: (test: Test) => number | null) => (one: Test, other: Test) => (of(one) ?? -1) - (of(other) ?? -1);
  switch (column) {
    case "test":
      return text((test) => test.test);
    case "result":
      return text((test) => test.result);
    case "verdict":
      return text((test) => test.verdict);
    case "calls":
      return number((test) => test.llm_calls + test.tool_calls);
    case "tokens":
      return number(tokensOf);
    case "cost":
      return number(costOf);
    case "seconds":
      return number((test) => test.seconds);
  }
}
