import { describe, expect, it } from "vitest";
import { chipsOf, found, foundBroken, hasTerm, newestFirst, placeBeside, toggled } from "../src/core/library";
import { head } from "./runs";

const totals = (more: object) => ({ ...head("x").totals, ...more });
const RUNS = [
  head("a", { name: "test_sunny", path: "trip/test_sunny.yaml", recorded: "2026-11-20T12:00:00Z", tags: ["night trains"], totals: totals({ models: ["gpt-5-mini"], errors: 1 }) }),
  head("b", { name: "test_busy", path: "test_busy.yaml", recorded: "2026-11-22T12:00:00Z", totals: totals({ models: ["gpt-5", "claude"], cost: null }) }),
  head("c", { name: "live", running: true, recorded: "2026-11-21T12:00:00Z" }),
  head("d", { name: "gone", verdict: "killed" }),
];
const BROKEN = [{ key: "e", path: "trip/test_x.yaml", problem: "line 3: cut off" }];

describe("which runs are meant", () => {
  it.each([
    ["", "abcd"],
    ["trip", "a"],
    ["TEST sunny", "a"],
    ["-test", "cd"],
    ["is:error", "a"],
    ["-is:error", "bcd"],
    ["is:running", "c"],
    ["is:unfinished", "d"],
    ["is:unpriced", "b"],
    ["is:broken", ""],
    ["is:nonsense", ""],
    ["model:gpt-5", "b"],
    ["model:gpt*", "ab"],
    ["model:*5*", "ab"],
    ["model:*mini", "a"],
    ['tag:"night trains"', "a"],
    ["tag:night", ""],
    ["verdict:killed", "d"],
    ["day:2026-11-20..2026-11-21", "ac"],
    ["day:..2026-11-20", "a"],
    ["day:2026-11-22", "b"],
    ["model:gpt* is:error", "a"],
    ["other:word", ""],
    ["-", "ab"],
  ])("%s", (words, keys) => {
    expect(
      found(RUNS, words)
        .map((run) => run.key)
        .join(""),
    ).toBe(keys);
  });

  it("a day is the reader's", () => {
    expect(found([head("a", { recorded: "2026-11-20T12:00:00Z" })], `day:${new Date("2026-11-20T12:00:00Z").toLocaleDateString("sv")}`)).toHaveLength(1);
  });

  it.each([
    ["", 1],
    ["cut off", 1],
    ["is:broken", 1],
    ["-is:broken", 0],
    ["is:error", 0],
    ["trip", 1],
    ["model:gpt", 0],
    ["elsewhere", 0],
  ])("of broken ones: %s", (words, count) => {
    expect(foundBroken(BROKEN, words)).toHaveLength(count);
  });
});

describe("choices", () => {
  it("tell what there is, with how many", () => {
    expect(chipsOf(RUNS, BROKEN).map(({ term, count }) => `${term} ${count}`)).toEqual([
      "is:running 1",
      "is:broken 1",
      "is:error 1",
      "is:unfinished 1",
      "is:unpriced 1",
      "model:gpt-5-mini 1",
      "model:gpt-5 1",
      "model:claude 1",
      'tag:"night trains" 1',
    ]);
  });

  it("do not tell what all have", () => {
    const same = ["a", "b"].map((key) => head(key, { totals: totals({ models: ["m"] }) }));
    expect(chipsOf(same, [])).toEqual([]);
    expect(chipsOf([], [])).toEqual([]);
  });

  it("ask for exactly those that they count", () => {
    for (const { term, count } of chipsOf(RUNS, BROKEN)) expect(found(RUNS, term).length + foundBroken(BROKEN, term).length).toBe(count);
  });

  it("names that a filter could not say are left out", () => {
    expect(chipsOf([head("a", { tags: ['a"b', "x*", "fine"] }), head("b")], []).map(({ term }) => term)).toEqual(["tag:fine"]);
  });

  it("are put into a filter, and taken out of it", () => {
    const once = toggled("trip", 'tag:"night trains"');
    expect(once).toBe('trip tag:"night trains"');
    expect([hasTerm(once, 'tag:"night trains"'), hasTerm(once, "tag:night")]).toEqual([true, false]);
    expect(toggled(once, 'tag:"night trains"')).toBe("trip");
  });
});

it("what runs comes first, then the newest", () => {
  expect(newestFirst(RUNS).map((run) => run.key)).toEqual(["c", "b", "a", "d"]);
});

it.each([
  ["test_one", "trip/test_one.yaml", "trip/"],
  ["test_one", "test_one.yml", ""],
  ["a name", "trip/test_one.yaml", "trip/test_one.yaml"],
  ["a name", null, ""],
])("beside %s of %s stands %s", (name, path, beside) => {
  expect(placeBeside(head("x", { name, path }))).toBe(beside);
});
