import { expect, test } from "vitest";
import { beginning, chunks, folded } from "../src/core/folding";

test("a text is cut where a line or a word ends", () => {
  expect(beginning("short", 10)).toBe("short");
  expect(beginning("one two three", 9)).toBe("one two ");
  expect(beginning("one two\nthree four", 9)).toBe("one two\n");
  expect(beginning("x".repeat(20), 9)).toBe("x".repeat(9));
});

test("a text is folded that is too long or too tall, but not for a little", () => {
  expect(folded("x".repeat(120), 100, 10)).toBeNull();
  expect(folded("x".repeat(126), 100, 10)).toBe("x".repeat(100));
  expect(folded("y\n".repeat(12), 100, 10)).toBeNull();
  expect(folded("y\n".repeat(13), 100, 10)).toBe("y\n".repeat(10));
  expect(folded(`${"y\n".repeat(13)}${"x".repeat(200)}`, 15, 10)).toBe("y\n".repeat(7));
});

test("no character is cut in half", () => {
  expect(beginning("xxx😀", 4)).toBe("xxx");
  expect(chunks("😀".repeat(5), 3)).toEqual(["😀", "😀", "😀", "😀", "😀"]);
});

test("chunks make up the text, and end with lines", () => {
  const text = Array.from({ length: 1000 }, (_, number) => `line ${number}\n`).join("");
  const found = chunks(text, 500);
  expect(found.join("")).toBe(text);
  expect(found.every((chunk) => chunk.endsWith("\n") && chunk.length <= 500)).toBe(true);
});
