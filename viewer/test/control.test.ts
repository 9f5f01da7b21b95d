import { describe, expect, test } from "vitest";
import { line, pieces, visible } from "../src/core/control";

describe("what is not seen", () => {
  test.each([
    ["a\u202eb", "a\\u202eb"],
    ["pay\u200bpal", "pay\\u200bpal"],
    ["\0", "\\u0000"],
    ["\x1b[31mred\x1b[0m", "\\u001b[31mred\\u001b[0m"],
    ["\x1b]8;;http://x\x07", "\\u001b]8;;http://x\\u0007"],
    ["\ud800 alone", "\\ud800 alone"],
    ["hi\u{e0048}\u{e0069}", "hi\\u{e0048}\\u{e0069}"],
    ["a\ufe01\ufe02\ufe03", "a\ufe01\\ufe02\\ufe03"],
    ["over\rwritten", "over\\u000dwritten"],
    ["a\u200db", "a\\u200db"],
  ])("is shown by its escape: %j", (text, shown) => expect(visible(text)).toBe(shown));

  test.each(["line\nline\ttab\r\nline", "👩🏽‍🚀 👨‍👩‍👧 ❤️‍🔥", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", "می‌خواهم", "क्‍ष", "naïve – “quoted”", "😀"])("is no part of %j", (text) => expect(visible(text)).toBe(text));

  test("is told apart from text that spells it", () => {
    expect(pieces("\\u0000\0")).toEqual([
      { text: "\\u0000", control: false },
      { text: "\\u0000", control: true },
    ]);
    expect(pieces("")).toEqual([{ text: "", control: false }]);
  });
});

test("a label is one line of bearable length", () => {
  expect(line("  a\n b\u0000 ")).toBe("a b\\u0000");
  expect(line("x".repeat(500), 10)).toBe("xxxxxxxxxx…");
});
