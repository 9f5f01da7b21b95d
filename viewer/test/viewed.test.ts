import { expect, test } from "vitest";
import { Viewed } from "../src/core/viewed";
import { Memory } from "./memory";

test("what was viewed is known when the comparison is opened again, and only there", () => {
  const memory = new Memory();
  const seen = new Viewed(memory, "a : b");
  seen.toggle(3);
  seen.toggle(7);
  seen.toggle(3);
  const again = new Viewed(memory, "a : b");
  expect([again.has(3), again.has(7), again.count]).toEqual([false, true, 1]);
  expect(new Viewed(memory, "__proto__").count).toBe(0);
});

test.each(["", "nonsense", "{}", "null", '[["a : b", "all"]]', '[["a : b", [1.5]], 7]'])("what is stored may be anything: %j", (stored) => {
  const memory = new Memory();
  memory.setItem("trace-ops.viewed", stored);
  expect(new Viewed(memory, "a : b").count).toBe(0);
});

test("without a place to keep it, it is known until the page is closed", () => {
  const seen = new Viewed(null, "a : b");
  seen.toggle(1);
  expect(seen.has(1)).toBe(true);
});
