import { describe, expect, it } from "vitest";
import { sumOf, Tree } from "../src/core/tree";
import { run, spans } from "./runs";

const FAILED = { type: "E", message: "m" };
const USED = { input: 100, output: 10, cache_read: 40, cache_write: null, reasoning: null };

describe("a tree", () => {
  const tree = new Tree(
    run(
      spans(
        ["agent a", 0, 100],
        ["llm m", 1, 20, { parent: 1, usage: USED, cost: 0.5 }],
        ["chain c", 30, 60, { parent: 1 }],
        ["llm m", 31, 10, { parent: 3, unpriced: true }],
        ["tool t", 50, 5, { parent: 3, error: FAILED }],
        ["tool u", 110, null],
      ),
    ),
  );

  it("knows who is beneath whom, in start order", () => {
    expect(tree.roots).toEqual([1, 6]);
    expect(tree.children(1)).toEqual([2, 3]);
    expect(tree.ancestors(5).map((span) => span.id)).toEqual([3, 1]);
    expect([1, 2, 3, 4, 5, 6].map((id) => tree.depth(id))).toEqual([0, 1, 1, 2, 2, 0]);
  });

  it("adds up what is beneath each step, and what is not known", () => {
    expect(tree.total(1)).toEqual({ spans: 5, llm_calls: 2, errors: 1, input: 100, output: 10, cached: 40, untold: 1, cost: 0.5, unpriced: 1, end: 100 });
    expect(tree.total(3)).toMatchObject({ spans: 3, errors: 1, cost: 0, unpriced: 1, end: 90 });
    expect(sumOf([tree.total(2), tree.total(5)])).toMatchObject({ spans: 2, errors: 1, cost: 0.5 });
  });

  it("finds what did something beneath each step", () => {
    expect([1, 3, 5, 9].map((id) => tree.leaves(id).map((span) => span.id))).toEqual([[2, 4, 5], [4, 5], [5], []]);
    expect(tree.leaves(1)).toBe(tree.leaves(1));
  });

  it("lets what runs last up to now", () => {
    expect(tree.end).toBe(110);
    expect(new Tree(tree.run, 500).endOf(tree.find(6)!)).toBe(500);
    expect(new Tree(tree.run, 500).total(6).end).toBe(500);
  });

  it("finds the agent of a step", () => {
    expect([tree.agent(4)?.id, tree.agent(6), tree.agent(1)]).toEqual([1, null, null]);
  });

  it("gives nothing for a step that is not there", () => {
    expect([tree.find(9), tree.find(null), tree.parent(9), tree.children(9), tree.has(9)]).toEqual([null, null, null, [], false]);
    expect(() => tree.total(9)).toThrow(RangeError);
  });
});

it.each([
  ["a parent that is not there", 7, [1, 2]],
  ["itself", 2, [1, 2]],
  ["a parent that began later", 3, [1, 2, 3]],
])("makes %s no parent, so that nothing goes in circles", (_, parent, roots) => {
  const all = spans(["tool a", 0, 1], ["tool b", 1, 1, { parent }], ["tool c", 2, 1, parent === 3 ? { parent: 3 } : { parent: 2 }]);
  expect(new Tree(run(all)).roots).toEqual(roots);
});

it("bears a run that is deeper than the stack", () => {
  const deep = spans(...Array.from({ length: 50_000 }, (_, index): [string, number, number, { parent: number | null }] => ["chain c", index, 1, { parent: index === 0 ? null : index }]));
  const tree = new Tree(run(deep));
  expect([tree.depth(50_000), tree.total(1).spans]).toEqual([49_999, 50_000]);
});
