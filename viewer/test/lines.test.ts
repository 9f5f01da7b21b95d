import { describe, expect, test } from "vitest";
import { rows, shortened, stretches, unified } from "../src/core/lines";
import type { Segment } from "../src/core/words";

const told = (line: { number: number; segments: Segment[] } | null) =>
  line === null ? null : line.segments.map(({ kind, text }) => (kind === "same" ? text : kind === "gone" ? `[-${text}-]` : `{+${text}+}`)).join("");
const split = (old: string, now: string) => rows(old, now).map((row) => [told(row.old), told(row.now)]);
const single = (old: string, now: string) => unified(rows(old, now)).map(({ sign, old: left, now: right, segments }) => [sign, left, right, told({ number: 0, segments })]);

test("lines that changed stand beside each other, with what changed in them", () =>
  expect(split("one\ntwo two\nthree", "one\ntwo 2\nthree")).toEqual([
    ["one", "one"],
    ["two [-two-]", "two {+2+}"],
    ["three", "three"],
  ]));

test("lines that came stand beside nothing", () =>
  expect(split("a\nb\nd", "a\nb\nc\nd")).toEqual([
    ["a", "a"],
    ["b", "b"],
    [null, "{+c+}"],
    ["d", "d"],
  ]));

test("in one column, what went stands before what came", () =>
  expect(single("1 a\n2 a\n3", "1 b\n2 b\n3")).toEqual([
    ["-", 1, null, "1 [-a-]"],
    ["-", 2, null, "2 [-a-]"],
    ["+", null, 1, "1 {+b+}"],
    ["+", null, 2, "2 {+b+}"],
    [" ", 3, 3, "3"],
  ]));

test("a text that has no like is one column", () => expect(single("", "all\nnew")).toEqual([
  ["+", null, 1, "{+all+}"],
  ["+", null, 2, "{+new+}"],
]));

const numbers = Array.from({ length: 30 }, (_, number) => `line ${number}`);

describe("what did not change", () => {
  test("is folded but for a few lines around what did", () => {
    const now = numbers.map((line) => (line === "line 15" ? "other" : line));
    const found = stretches(rows(numbers.join("\n"), now.join("\n")));
    expect(found.map(({ folded, rows }) => [folded, rows.length])).toEqual([
      [true, 12],
      [false, 7],
      [true, 11],
    ]);
  });

  test("is not folded for one line", () => {
    const now = numbers.map((line) => (line === "line 4" ? "other" : line));
    expect(stretches(rows(numbers.join("\n"), now.join("\n"))).map(({ folded, rows }) => [folded, rows.length])).toEqual([
      [false, 1],
      [false, 7],
      [true, 22],
    ]);
  });

  test("in a long line is cut down to what surrounds the change", () => {
    const long = "word ".repeat(300);
    const [row] = rows(`${long}old ${long}`, `${long}new ${long}`);
    const shown = shortened(row?.now?.segments ?? []);
    expect(shown.map(({ hidden, text }) => [hidden, text.length])).toEqual([
      [true, 1380],
      [false, 120],
      [false, 3],
      [false, 120],
      [true, 1381],
    ]);
    expect(shown.map(({ text }) => text).join("")).toBe(`${long}new ${long}`);
  });
});
