import { describe, expect, test } from "vitest";
import type { Json } from "../src/core/data";
import { leaves, same } from "../src/core/leaves";

describe("where two values differ", () => {
  test.each<[string, Json, Json, [string, Json | undefined, Json | undefined][]]>([
    ["nowhere", { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
    ["in leaves", { a: 1, b: { c: "x", d: 2 } }, { a: 1, b: { c: "y", d: 3 } }, [["b.c", "x", "y"], ["b.d", 2, 3]]],
    ["in what is there", { a: 1 }, { b: null }, [["a", 1, undefined], ["b", undefined, null]]],
    ["in kind", { a: [1] }, { a: { 0: 1 } }, [["a", [1], { 0: 1 }]]],
    ["in an item put in", [1, 2, 3], [1, "new", 2, 3], [["1", undefined, "new"]]],
    ["in an item taken out", [1, 2, 3], [3], [["0", 1, undefined], ["1", 2, undefined]]],
    ["as a whole", 1, "1", [["", 1, "1"]]],
  ])("%s", (_, old, now, found) => expect(leaves(old, now).map((leaf) => [leaf.path, leaf.old, leaf.now])).toEqual(found));

  test("is told of names that every object has", () => {
    const old = JSON.parse('{"__proto__": 1}') as Json;
    expect(leaves(old, {}).map((leaf) => [leaf.path, leaf.old, leaf.now])).toEqual([["__proto__", 1, undefined]]);
    expect(leaves({}, { constructor: 1 })).toHaveLength(1);
    expect(same({ toString: 1 }, {})).toBe(false);
  });

  test("is told so many times at most, and of any depth", () => {
    const many = (value: number) => Array.from({ length: 5000 }, () => value);
    expect(leaves(many(1), many(2))).toHaveLength(1000);
    const deep = (leaf: string) => JSON.parse("[".repeat(3000) + leaf + "]".repeat(3000)) as Json;
    expect(leaves(deep("1"), deep("2")).map((leaf) => leaf.now)).toEqual([2]);
  });
});
