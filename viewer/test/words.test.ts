import { describe, expect, test } from "vitest";
import { segments } from "../src/core/words";

const told = (old: string, now: string) =>
  segments(old, now)
    .map(({ kind, text }) => (kind === "same" ? text : kind === "gone" ? `[-${text}-]` : `{+${text}+}`))
    .join("");

describe("what changed between two texts", () => {
  test.each([
    ["Answer in two sentences.", "Answer in one sentence.", "Answer in [-two sentences-]{+one sentence+}."],
    ["You are a guide.", "You are a guide. Be brief.", "You are a guide.{+ Be brief.+}"],
    ["same", "same", "same"],
    ["", "all", "{+all+}"],
    ["all", "", "[-all-]"],
    ["", "", ""],
    ["line 1\nline 2\nline 3", "line 1\nline 3", "line 1\n[-line 2\n-]line 3"],
    ["東京は晴れ", "大阪は晴れ", "[-東京-]{+大阪+}は晴れ"],
    ["price 10", "price 100", "price [-10-]{+100+}"],
    ["naïveté", "naïvetés", "[-naïveté-]{+naïvetés+}"],
    ["a 😀", "a 😁", "a [-😀-]{+😁+}"],
  ])("%j, %j", (old, now, shown) => expect(told(old, now)).toBe(shown));
});

const words = (seed: number, count: number) => {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return `w${state % 5000}${state % 13 === 0 ? "\n" : ""}`;
  }).join(" ");
};

test.each([
  ["alike", words(1, 60_000), words(1, 60_000).replaceAll("w17 ", "other ")],
  ["of nothing in common", words(1, 60_000), words(7, 60_000)],
  ["in one line", "a b ".repeat(500_000), "b c ".repeat(500_000)],
])("long texts %s are compared soon, and both are there whole", (_, old, now) => {
  const found = segments(old, now);
  const side = (without: string) =>
    found
      .filter((segment) => segment.kind !== without)
      .map((segment) => segment.text)
      .join("");
  expect(side("come") === old).toBe(true);
  expect(side("gone") === now).toBe(true);
});
