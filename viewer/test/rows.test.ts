import { describe, expect, it } from "vitest";
import { repeated, revealing, Rows, UNTOUCHED, type Row } from "../src/core/rows";
import { Tree } from "../src/core/tree";
import { run, spans } from "./runs";

/** A row a line: its depth as dots, `+` closed and `-` open. */
function drawn(rows: readonly Row[]): string[] {
  return rows.map((row) => `${".".repeat(row.depth)}${row.expandable ? (row.expanded ? "-" : "+") : ""}${row.span.label}${row.type === "group" ? ` x${row.spans.length}` : `#${row.span.id}`}`);
}

const tree = new Tree(
  run(
    spans(
      ["agent a", 0, 100],
      ["llm m", 1, 1, { parent: 1 }],
      ["tool s", 2, 1, { parent: 1 }],
      ["tool s", 3, 1, { parent: 1 }],
      ["tool s", 4, 5, { parent: 1 }],
      ["chain c", 5, 1, { parent: 5 }],
      ["llm m", 10, 1, { parent: 1 }],
      ["tool t", 20, 1],
    ),
  ),
);
const FOLDED = ["-a#1", ".m#2", ".+s x3", ".m#7", "t#8"];

describe("what repeats stands in one row", () => {
  it.each([
    ["three of a kind and name", "t1 t1 t1", [3]],
    ["two are left as they are", "t1 t1 l1", [1, 1, 1]],
    ["another name ends it", "t1 t1 t2 t1 t1 t1 t1", [1, 1, 1, 4]],
    ["another kind of the same name ends it", "t1 t1 l1 t1", [1, 1, 1, 1]],
    ["nothing", "", []],
  ])("%s", (_, given, lengths) => {
    const words = given.split(" ").filter((word) => word !== "");
    const all = spans(...words.map((word, index): [string, number, number] => [`${word[0] === "t" ? "tool" : "llm"} ${word[1]}`, index, 1]));
    expect(repeated(all).map((one) => one.length)).toEqual(lengths);
  });
});

describe("rows", () => {
  it("show steps open and groups closed", () => {
    expect(drawn(new Rows(tree).list)).toEqual(FOLDED);
  });

  it.each([
    ["a step that is closed", { closed: [1], opened: [] }, ["+a#1", "t#8"]],
    ["a group that is opened", { closed: [], opened: [3] }, ["-a#1", ".m#2", ".-s x3", "..s#3", "..s#4", "..-s#5", "...c#6", ".m#7", "t#8"]],
    ["a member that is closed", { closed: [5], opened: [3] }, ["-a#1", ".m#2", ".-s x3", "..s#3", "..s#4", "..+s#5", ".m#7", "t#8"]],
  ])("%s", (_, folds, lines) => {
    expect(drawn(new Rows(tree, { closed: new Set(folds.closed), opened: new Set(folds.opened) }).list)).toEqual(lines);
  });

  it("that are asked for stand below what leads to them, and nothing is folded", () => {
    const rows = new Rows(tree, UNTOUCHED, new Set([3, 4, 5, 6]));
    expect(drawn(rows.list)).toEqual(["-a#1", ".s#3", ".s#4", ".-s#5", "..c#6"]);
    expect(rows.list.map((row) => row.type === "step" && row.matched)).toEqual([false, true, true, true, true]);
  });

  it("say how many stand beside each other", () => {
    expect(new Rows(tree).list.map((row) => [row.position, row.siblings])).toEqual([[1, 2], [1, 3], [2, 3], [3, 3], [2, 2]]);
  });

  it("stand for what is folded into them", () => {
    const rows = new Rows(tree);
    expect([1, 3, 5, 6, 7, 99].map((id) => rows.indexOf(id))).toEqual([0, 2, 2, 2, 3, -1]);
    expect([rows.has(3), rows.has(7)]).toEqual([false, true]);
    expect([rows.indexOfKey("g3"), rows.indexOfKey("s3"), rows.indexOfKey("s7")]).toEqual([2, -1, 3]);
    const closed = new Rows(tree, { closed: new Set([1]), opened: new Set() });
    expect([3, 6, 7].map((id) => closed.indexOf(id))).toEqual([0, 0, 0]);
  });

  it("do not stand for what is left out", () => {
    const rows = new Rows(tree, UNTOUCHED, new Set([2]));
    expect([1, 2, 3, 6].map((id) => rows.indexOf(id))).toEqual([0, 1, -1, -1]);
  });

  it("open on the way to a step, and only there", () => {
    const folds = revealing(tree, { closed: new Set([1, 5, 8]), opened: new Set() }, 6);
    expect([[...folds.closed], [...folds.opened]]).toEqual([[8], [3]]);
    expect(new Rows(tree, folds).has(6)).toBe(true);
  });

  it("keep their keys, whatever else is shown", () => {
    expect(new Rows(tree, UNTOUCHED, new Set([7])).list.map((row) => row.key)).toEqual(["s1", "s7"]);
    expect(new Rows(tree).list.map((row) => row.key)).toEqual(["s1", "s2", "g3", "s7", "s8"]);
  });

  it("are none where nothing is like that", () => {
    expect(new Rows(tree, UNTOUCHED, new Set()).list).toEqual([]);
  });
});
