import { describe, expect, it } from "vitest";
import { clock, compact, cost, count, counted, date, duration, line, visible } from "../src/core/format";
import { costTitle, costWord, tokensTitle, tokensWord } from "../src/core/sums";
import { sumOf } from "../src/core/tree";

it.each([
  [null, "running"],
  [0, "0 ms"],
  [0.44, "0.4 ms"],
  [9, "9 ms"],
  [12.6, "13 ms"],
  [999.4, "999 ms"],
  [999.6, "1.00 s"],
  [1250, "1.25 s"],
  [9994, "9.99 s"],
  [9996, "10.0 s"],
  [59_949, "59.9 s"],
  [59_960, "1 m 00 s"],
  [125_000, "2 m 05 s"],
  [3_600_000, "1 h 00 m"],
  [5_700_000, "1 h 35 m"],
])("a duration of %s reads %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it.each([
  [null, "unknown"],
  [0, "$0.00"],
  [0.0004, "$0.00040"],
  [0.000058, "$0.000058"],
  [0.0123, "$0.012"],
  [0.5, "$0.50"],
  [1, "$1.00"],
  [1234.567, "$1,234.57"],
])("a cost of %s reads %s", (dollars, text) => {
  expect(cost(dollars)).toBe(text);
});

it.each([
  [0, "0"],
  [950, "950"],
  [1280, "1.3k"],
  [9994, "10k"],
  [12_345, "12.3k"],
  [999_499, "999k"],
  [999_500, "1.00M"],
  [4_064_000, "4.06M"],
])("%s tokens read %s", (number, text) => {
  expect(compact(number)).toBe(text);
});

it.each([
  [0, 100, "0"],
  [0.5, 0.5, "0.5 ms"],
  [250, 50, "250 ms"],
  [1500, 500, "1.5 s"],
  [22_800, 1, "22.800 s"],
  [30_000, 5000, "30 s"],
  [90_000, 30_000, "01:30"],
  [90_250, 50, "01:30.25"],
  [3_723_000, 60_000, "1:02:03"],
])("on an axis, %s with marks %s apart reads %s", (ms, step, text) => {
  expect(clock(ms, step)).toBe(text);
});

it("counts read as in a sentence, and what nobody knows is not zero", () => {
  expect([count(12_345), count(null), counted(1, "call"), counted(0, "call"), counted(2, "reply", "replies")]).toEqual(["12,345", "unknown", "1 call", "0 calls", "2 replies"]);
});

it("a date is the reader's own, and no date is nothing", () => {
  expect(date("2026-11-25T10:04:00")).toBe("2026-11-25 10:04");
  expect([date(null), date("soon"), date("<img>")]).toEqual(["", "", ""]);
});

describe("a text in which nothing is hidden", () => {
  it.each([
    ["what turns text round", "abc\u202edef\u202c", "abc\\u202edef\\u202c"],
    ["isolates", "\u2066x\u2069", "\\u2066x\\u2069"],
    ["what has no width", "a\u200bb\ufeff", "a\\u200bb\\ufeff"],
    ["control characters", "a\u0000\u001b[31m\u007f\u0085", "a\\u0000\\u001b[31m\\u007f\\u0085"],
    ["half a pair", "\ud83d!", "\\ud83d!"],
    ["but whole pairs, joiners, lines and tabs are left", "👩‍👩‍👧 می‌خواهم\n\tx", "👩‍👩‍👧 می‌خواهم\n\tx"],
  ])("%s", (_, given, shown) => {
    expect(visible(given)).toBe(shown);
  });
  it("is one line in a list, and not too long", () => {
    expect(line("  a\n\n b\tc  ")).toBe("a b c");
    expect(line("x".repeat(500), 10)).toBe(`${"x".repeat(10)}…`);
  });
});

describe("sums say what is not known", () => {
  const total = (more: object) => ({ ...sumOf([]), ...more });
  it.each([
    [{}, "", ""],
    [{ cost: 0.0123 }, "", "$0.012"],
    [{ cost: 0.0123, unpriced: 1 }, "", "$0.012+?"],
    [{ unpriced: 2, untold: 2 }, "?", "?"],
    [{ cost: 0.00000002 }, "", "<$0.0001"],
    [{ input: 12_000, output: 345 }, "12.3k", ""],
    [{ input: 1200, output: 80, untold: 1 }, "1.3k+?", ""],
  ])("%o", (given, tokens, dollars) => {
    expect([tokensWord(total(given)), costWord(total(given))]).toEqual([tokens, dollars]);
  });
  it("in words", () => {
    expect(costTitle(total({ cost: 0.5, unpriced: 2 }))).toBe("$0.50 and what 2 calls cost that nobody knows");
    expect(tokensTitle(total({ input: 1200, output: 80, cached: 1024, untold: 1 }))).toBe("1,200 in, of which 1,024 cached; 80 out; 1 call did not tell");
  });
});
