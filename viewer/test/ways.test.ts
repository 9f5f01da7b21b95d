import { describe, expect, it, vi } from "vitest";
import { asksForErrors, facetsOf, kindsIn, withErrors, withKind } from "../src/core/facets";
import { parseFilter } from "../src/core/filter";
import { keyName, Keys, type Binding } from "../src/core/keys";
import { strandsOf } from "../src/core/lanes";
import { ariaSort, COLUMNS, found, nextSort, sorted } from "../src/core/library";
import { Links } from "../src/core/links";
import { Rows, UNTOUCHED } from "../src/core/rows";
import { Shelf } from "../src/core/shelf";
import type { Source } from "../src/core/source";
import { Tree } from "../src/core/tree";
import { isSame, nextStep } from "../src/core/walk";
import { head, run, spans } from "./runs";

const FAILED = { type: "E", message: "m" };

describe("links", () => {
  const tree = new Tree(run(spans(["llm a", 0, 1], ["llm b", 1, 1], ["tool c", 2, 1], ["llm d", 3, 1]), ["data", 1, 3], ["retry", 1, 2], ["branch", 1, 4], ["data", 3, 4], ["continues", 2, 4], ["data", 1, 99], ["data", 2, 2]));
  const links = new Links(tree);

  it("are found at both ends, the one that is followed first", () => {
    expect(links.out(1).map((link) => `${link.kind} ${link.to}`)).toEqual(["retry 2", "data 3", "branch 4"]);
    expect(links.in(4).map((link) => `${link.kind} ${link.from}`)).toEqual(["continues 2", "data 3", "branch 1"]);
    expect(links.kinds(3)).toEqual(["data", "data"]);
  });

  it.each([
    ["forward", 1, true, 2],
    ["forward again", 2, true, 4],
    ["to the end of the way", 4, true, null],
    ["back", 4, false, 2],
    ["back to the start", 1, false, null],
  ])("are walked %s", (_, from, forward, to) => {
    expect(links.next(from, forward)).toBe(to);
  });
});

describe("ways through a run", () => {
  const tree = new Tree(run(spans(["llm m", 0, 1], ["tool s", 1, 1, { error: FAILED }], ["llm m", 2, 1], ["tool s", 3, 1], ["tool m", 4, 1])));
  it.each([
    ["the next of its name", 1, 1, isSame(tree.spans[0]!), 3],
    ["the one before", 4, -1, isSame(tree.spans[3]!), 2],
    ["no other kind of that name", 3, 1, isSame(tree.spans[2]!), null],
    ["the first error from nowhere", null, 1, (span: { error: unknown }) => span.error !== null, 2],
    ["the last call from nowhere", null, -1, (span: { kind: string }) => span.kind === "llm", 3],
  ] as const)("lead to %s", (_, from, by, holds, to) => {
    expect(nextStep(tree, from, by, holds as () => boolean)?.id ?? null).toBe(to);
  });
});

describe("lanes side by side", () => {
  const strands = (...lanes: [lane: number, parent: number | null][]) => {
    const all = spans(...lanes.map(([lane, parent], index): [string, number, number, object] => [`tool t${index}`, index, 1, { lane, parent }]));
    return [...strandsOf(new Rows(new Tree(run(all)), UNTOUCHED).list).values()].map(({ lane, column, from, to, parent }) => [lane, column, from, to, parent]);
  };
  it("have a column each, from their first row to their last", () => {
    expect(strands([0, null], [1, 1], [2, 1], [1, 1], [0, 1])).toEqual([
      [0, 0, 0, 4, null],
      [1, 1, 1, 3, 0],
      [2, 2, 2, 2, 0],
    ]);
  });
  it("share a column where one is over when the other begins", () => {
    expect(strands([0, null], [1, 1], [2, 1], [3, 1], [0, 1]).map(([lane, column]) => [lane, column])).toEqual([[0, 0], [1, 1], [2, 1], [3, 1]]);
  });
});

describe("what is asked for", () => {
  const tree = new Tree(run(spans(["agent a", 0, 100], ["llm m", 0, 10, { parent: 1, preview: "Berth four" }], ["tool s", 20, 10, { parent: 1, error: FAILED }], ["tool s", 50, 10, { parent: 1 }], ["llm m", 90, null, { parent: 1, error: FAILED }])));
  const facets = (filter: string, range: [number, number] | null = null) => {
    const { matches, kinds, errors } = facetsOf(tree, { filter: parseFilter(filter), range }, () => [], null);
    return [matches && [...matches], Object.fromEntries(kinds), errors];
  };

  it.each([
    ["", null, null, { agent: 1, llm: 2, tool: 2 }, 2],
    ["kind:tool", null, [3, 4], { agent: 1, llm: 2, tool: 2 }, 1],
    ["is:error", null, [3, 5], { llm: 1, tool: 1 }, 2],
    ["is:error kind:llm", null, [5], { llm: 1, tool: 1 }, 1],
    ["-kind:tool", null, [1, 2, 5], { agent: 1, llm: 2 }, 1],
    ["berth", null, [2], { llm: 1 }, 0],
    ["", [15, 55], [1, 3, 4], { agent: 1, tool: 2 }, 1],
    ["", [95, 99], [1, 5], { agent: 1, llm: 1 }, 1],
    ["kind:llm", [15, 55], [], { agent: 1, tool: 2 }, 0],
  ] as const)("%s within %o", (filter, range, matches, kinds, errors) => {
    expect(facets(filter, range as [number, number] | null)).toEqual([matches, kinds, errors]);
  });

  it.each([
    ["", "kind:tool"],
    ["is:error", "is:error kind:tool"],
    ["kind:llm", "kind:llm,tool"],
    ["kind:llm,tool is:error", "is:error kind:llm"],
    ["kind:tool", ""],
    ['  "a  b"  -kind:llm ', '"a  b" -kind:llm kind:tool'],
  ])("with a kind more or less: %s becomes %s", (before, after) => {
    expect(withKind(before, "tool")).toBe(after);
    expect(kindsIn(parseFilter(after)).has("tool")).toBe(after.includes("tool"));
  });

  it.each([
    ["", "is:error"],
    ["kind:llm", "kind:llm is:error"],
    ["is:error kind:llm", "kind:llm"],
    ["-is:error", "-is:error is:error"],
  ])("with errors or without: %s becomes %s", (before, after) => {
    expect(withErrors(before)).toBe(after);
    expect(asksForErrors(parseFilter(after))).toBe(!asksForErrors(parseFilter(before)));
  });
});

describe("keys", () => {
  const binding = (keys: string[], what: string, run = () => {}): Binding => ({ keys, what, group: "g", run });

  it("do what was bound last, until that is gone", () => {
    const keys = new Keys();
    const heard: string[] = [];
    keys.bind([binding(["n", "j"], "page", () => heard.push("page"))]);
    const leave = keys.bind([binding(["n"], "pane", () => heard.push("pane"))]);
    expect([keys.press("n"), keys.press("j"), keys.press("x")]).toEqual([true, true, false]);
    leave();
    keys.press("n");
    expect(heard).toEqual(["pane", "page", "page"]);
  });

  it("are listed where they do something", () => {
    const keys = new Keys();
    keys.bind([binding(["n", "j"], "page"), binding(["p"], "back")]);
    keys.bind([binding(["n"], "pane"), binding(["p"], "pane back")]);
    expect(keys.bindings.map(({ keys: names, what }) => [names, what])).toEqual([[["j"], "page"], [["n"], "pane"], [["p"], "pane back"]]);
  });

  it.each([
    ["n", "n"],
    ["N", "Shift N"],
    ["ArrowDown", "↓"],
    ["Escape", "Esc"],
    [" ", "Space"],
    ["Ctrl+f", "Ctrl f"],
    ["+", "+"],
    ["]", "]"],
  ])("%s is written %s", (key, name) => {
    expect(keyName(key)).toBe(name);
  });
});

describe("a library", () => {
  const totals = (cost: number | null) => ({ ...head("").totals, cost });
  const runs = [head("b", { totals: totals(2), tags: ["slow"] }), head("c", { totals: totals(null), path: "tests/Weather.yaml" }), head("a", { totals: totals(5) })];
  it.each([
    [null, "bca"],
    ["cost", "abc"],
    ["-cost", "bac"],
    ["name", "abc"],
    ["-name", "cba"],
    ["nonsense", "bca"],
  ])("sorted by %s; what is not known stands last", (sort, order) => {
    expect(sorted(runs, sort).map((one) => one.key).join("")).toBe(order);
  });
  it.each([
    ["", 3],
    ["SLOW", 1],
    ["weather yaml", 1],
    ["weather slow", 0],
  ])("is searched for all words: %s", (words, number) => {
    expect(found(runs, words)).toHaveLength(number);
  });
  it("is sorted one way, the other way, and not", () => {
    expect([nextSort(null, "cost"), nextSort("cost", "cost"), nextSort("-cost", "cost"), nextSort("name", "cost")]).toEqual(["cost", "-cost", null, "cost"]);
    const [name, cost] = [COLUMNS[0]!, COLUMNS.find((one) => one.key === "cost")!];
    expect([ariaSort("cost", cost), ariaSort("-cost", cost), ariaSort("name", name), ariaSort("cost", name)]).toEqual(["descending", "ascending", "ascending", undefined]);
  });
});

describe("a shelf", () => {
  it("loads once, but tries again what failed", async () => {
    const load = vi.fn().mockRejectedValueOnce(new Error("gone")).mockResolvedValue("run");
    const shelf = new Shelf({ run: load } as unknown as Source);
    await expect(shelf.run("a")).rejects.toThrow("gone");
    expect([await shelf.run("a"), await shelf.run("a"), load.mock.calls.length]).toEqual(["run", "run", 2]);
    shelf.forget("a");
    await shelf.run("a");
    expect(load).toHaveBeenCalledTimes(3);
  });
});
