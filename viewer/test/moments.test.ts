import { describe, expect, it } from "vitest";
import { Moments } from "../src/core/moments";
import { Tree } from "../src/core/tree";
import { run, spans } from "./runs";

const tree = new Tree(
  run(
    spans(
      ["agent a", 0, 100],
      ["llm m", 0, 10, { parent: 1 }],
      ["tool s", 10, 20, { parent: 1 }],
      ["tool t", 10, 5, { parent: 1 }],
      ["custom z", 30, 0, { parent: 1 }],
      ["agent b", 40, 30, { parent: 1 }],
      ["llm n", 41, 9, { parent: 6 }],
      ["llm m", 80, null, { parent: 1 }],
    ),
  ),
);
const moments = new Moments(tree);
const at = (span: number, edge: "start" | "end") => moments.find(span, edge)!;

it("are every start and every end in the order of time", () => {
  expect(moments.all.map(({ span, edge, at: time }) => `${time} ${edge === "start" ? "+" : "-"}${span}`)).toEqual([
    "0 +1", "0 +2", "10 -2", "10 +3", "10 +4", "15 -4", "30 -3", "30 +5", "30 -5", "40 +6", "41 +7", "50 -7", "70 -6", "80 +8", "100 -1",
  ]);
  expect(moments.all.map((moment) => moment.index)).toEqual([...moments.all.keys()]);
});

describe("are walked", () => {
  it.each([
    ["on from one", at(2, "start"), null, 1, "2 end"],
    ["back from one", at(2, "end"), null, -1, "2 start"],
    ["from the start of what is selected", null, 3, 1, "3 start"],
    ["back from the end of what is selected", null, 3, -1, "3 end"],
    ["back from what still runs, which has no end", null, 8, -1, "1 end"],
    ["from the first of all", null, null, 1, "1 start"],
    ["back from the last of all", null, null, -1, "1 end"],
  ] as const)("%s", (_, from, selected, by, expected) => {
    const found = moments.step(from, selected, by);
    expect(`${found?.span} ${found?.edge}`).toBe(expected);
  });

  it("to an end", () => {
    expect(moments.step(at(1, "end"), 1, 1)).toBeNull();
    expect(moments.step(at(1, "start"), 1, -1)).toBeNull();
  });

  it("among those asked for", () => {
    const tools = (moment: { span: number }) => tree.find(moment.span)?.kind === "tool";
    expect(moments.step(null, 2, 1, tools)?.span).toBe(3);
    expect(moments.step(at(4, "end"), 4, 1, tools)).toMatchObject({ span: 3, edge: "end" });
  });
});

it.each([
  [-1, null],
  [0, "2 start"],
  [12, "4 start"],
  [1e9, "1 end"],
])("have a last one up to %d", (time, expected) => {
  const found = moments.before(time);
  expect(found && `${found.span} ${found.edge}`).toBe(expected);
});

it("say what runs", () => {
  const running = (moment: ReturnType<typeof at>) => tree.spans.filter((span) => moments.runs(span, moment)).map((span) => span.id);
  expect([running(at(1, "start")), running(at(4, "start")), running(at(3, "end")), running(at(8, "start"))]).toEqual([[1], [1, 3, 4], [1], [1, 8]]);
});

it("are none of a step or an edge that is not there", () => {
  expect([moments.find(99, "start"), moments.find(1, null), moments.find(null, "end"), moments.find(8, "end")]).toEqual([null, null, null, null]);
});
