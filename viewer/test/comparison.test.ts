import { describe, expect, test } from "vitest";
import { Aligned } from "../src/core/comparison";
import type { Change, Comparison, Run, Span } from "../src/core/data";
import { documentsIn, shifts } from "../src/core/documents";
import { Tree } from "../src/core/tree";
import { span } from "./sample";

export const change = (given: Partial<Change>): Change => ({
  what: "system prompt changed",
  inline: false,
  kind: "prompt",
  cause: "system prompt",
  severity: "minor",
  old: null,
  new: null,
  path: "",
  before: null,
  after: null,
  root: null,
  follows: null,
  similarity: null,
  ...given,
});

const tree = (spans: Span[]) => new Tree({ spans } as Run);
const agent = (id: number) => span(id, { kind: "agent" });
const under = (id: number, parent: number) => span(id, { parent });

/** Two agents of four steps; in the new run the first step says something else, and one step more is taken. */
const OLD = tree([agent(1), under(2, 1), under(3, 1), under(4, 1), under(5, 1)]);
const NOW = tree([agent(1), under(2, 1), under(3, 1), under(4, 1), under(5, 1), under(6, 1)]);
const CHANGES = [
  change({ old: 2, new: 2 }),
  change({ old: 2, new: 2, kind: "usage", severity: "info" }),
  change({ old: 5, new: 5, root: 0, follows: "repeats" }),
  change({ new: 6, kind: "trajectory", cause: "step added", severity: "major", root: 0, follows: "after" }),
  change({ kind: "cost", cause: "cost", severity: "info" }),
];
const aligned = (changes = CHANGES) =>
  new Aligned({ pairs: [[1, 1], [2, 2], [3, 3], [4, 4], [5, 5], [null, 6]], changes, first: 0 } as unknown as Comparison, OLD, NOW);

describe("aligned runs", () => {
  test("know what is the same, what changed, and what only follows", () => {
    expect(aligned().pairs.map(({ state, changes, severity, follows, depth }) => [state, changes, severity, follows, depth])).toEqual([
      ["same", [], null, false, 0],
      ["changed", [0], "minor", false, 1],
      ["same", [], null, false, 1],
      ["same", [], null, false, 1],
      ["changed", [2], "minor", true, 1],
      ["added", [3], "major", true, 1],
    ]);
  });

  test("fold what is equal, but for what is around a difference", () => {
    const told = (folds: boolean) => aligned().rows(folds).map((row) => (row.kind === "pair" ? (row.pair.now?.id ?? "-") : `${row.pairs.length} equal`));
    expect(told(true)).toEqual([1, 2, "2 equal", 5, 6]);
    expect(told(false)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("are walked difference by difference", () => {
    const walk = (from: number | null, by: 1 | -1, own = false) => aligned().next(from, by, own);
    expect([walk(null, 1), walk(0, 1), walk(2, 1), walk(3, 1)]).toEqual([0, 2, 3, null]);
    expect([walk(null, -1), walk(3, -1), walk(0, -1)]).toEqual([3, 2, null]);
    expect([walk(null, 1, true), walk(0, 1, true)]).toEqual([0, null]);
  });

  test("tell what follows from what, and why", () => {
    expect([...aligned().following(0)]).toEqual([
      ["repeats", [2]],
      ["after", [3]],
    ]);
    expect(aligned().pairOf(4)).toBeNull();
  });

  test("put a change of a removed step where it was", () => {
    const removed = new Aligned({ pairs: [[1, 1], [2, null]], changes: [change({ old: 2, kind: "trajectory", cause: "step removed" })], first: 0 } as unknown as Comparison, OLD, NOW);
    expect(removed.pairs[1]).toMatchObject({ state: "removed", changes: [0], depth: 1 });
  });
});

describe("documents", () => {
  test("are read by the names that stores give them", () =>
    expect(documentsIn({ documents: [{ id: 7, page_content: "hi", score: 0.5 }, "text"] })?.map(({ rank, name, text, measure }) => [rank, name, text, measure?.value ?? null])).toEqual([
      [1, "7", "hi", 0.5],
      [2, null, "text", null],
    ]));

  test.each([null, "text", [], [1, 2], { documents: "no" }, [{ a: 1 }]])("are not seen in %j", (output) => expect(documentsIn(output)).toBeNull());

  test("come, go, change and pass others", () => {
    const before = [{ id: "contact", text: "c", score: 0.9 }, { id: "hours", text: "h", score: 0.8 }, { id: "about", text: "a", score: 0.7 }];
    const after = [{ id: "hours", text: "h", score: 0.85 }, { id: "contact", text: "c", score: 0.6 }, { id: "prices", text: "p", score: 0.5 }];
    expect(shifts(before, after).map(({ kind, old, now }) => [kind, old?.name ?? now?.name, old?.rank ?? null, now?.rank ?? null])).toEqual([
      ["removed", "about", 3, null],
      ["re-ranked", "hours", 2, 1],
      ["changed", "contact", 1, 2],
      ["added", "prices", null, 3],
    ]);
    expect(shifts(before, structuredClone(before))).toEqual([]);
  });
});
