import { describe, expect, it, vi } from "vitest";
import type { Bundle } from "../src/core/data";
import { Navigation, start, type Address } from "../src/core/navigation";
import { hashOf, placeIn, placeOf } from "../src/core/place";
import { head } from "./runs";

describe("a place and its hash say the same", () => {
  it.each([
    ["#/library", placeOf("library")],
    ["#/session?filter=a+b%26c", placeOf("session", null, { filter: "a b&c" })],
    ["#/library?filter=x&sort=-cost", placeOf("library", null, { filter: "x", sort: "-cost" })],
    ["#/run/a.b_c~1-2", placeOf("run", "a.b_c~1-2")],
    ["#/run/a?span=3&at=end&tab=raw", placeOf("run", "a", { span: 3, at: "end", tab: "raw" })],
    ["#/run/a?filter=kind%3Allm+%22%E2%82%AC%22&range=10-2000.5&axis=whole&gaps=1", placeOf("run", "a", { filter: 'kind:llm "€"', range: [10, 2000.5], axis: "whole", gaps: true })],
    ["#/compare/c?change=0&layout=unified", placeOf("compare", "c", { change: 0, layout: "unified" })],
    ["#/compare/a~b?span=2", placeOf("compare", "a~b", { span: 2 })],
    ["#/library?find=rome+is%3Aerror&picked=a%7Eb", placeOf("library", null, { find: "rome is:error", picked: ["a", "b"] })],
  ])("%s", (hash, place) => {
    expect(hashOf(place)).toBe(hash);
    expect(placeIn(hash)).toEqual(place);
  });
});

describe("a hash that says nothing that can be is none", () => {
  it.each(["", "#", "#/", "#run/a", "#/run", "#/run/", "#/compare", "#/library/x", "#/run/<script>", "#/run/a/b", "#/run/%61", "#/elsewhere/a", `#/run/${"a".repeat(221)}`, "#/run/a b"])("%s", (hash) => {
    expect(placeIn(hash)).toBeNull();
  });
});

describe("what is not as it must be is left out", () => {
  it.each([
    "span=0",
    "span=-1",
    "span=1.5",
    "span=1e3",
    "span=9999999999",
    "at=middle",
    "tab=<b>",
    "tab=RAW",
    "range=5-5",
    "range=9-1",
    "range=1",
    "range=-5-9",
    "range=a-b",
    "range=NaN-Infinity",
    "axis=hugest",
    "gaps=2",
    "change=-1",
    "layout=none",
    "sort=--cost",
    "__proto__=1",
  ])("%s", (query) => {
    expect(placeIn(`#/run/a?${query}`)).toEqual(placeOf("run", "a"));
  });
  it("a filter has an end", () => {
    expect(placeIn(`#/run/a?filter=${"x".repeat(3000)}`)?.filter).toHaveLength(1000);
  });
});

function bundle(more: Partial<Bundle> = {}): Bundle {
  return { version: 1, title: "t", generator: "", created: "", runs: [], comparisons: [], session: null, live: false, library: null, ...more };
}

const comparison = { key: "c", old: "a", new: "b", severity: null, first: null, roots: 0, downstream: 0 };
const session = { exit_status: 0, totals: {}, tests: [], takes: [], loose_ends: [], base: null };

function address(hash = ""): Address & { steps: [string, boolean][]; go: (hash: string) => void } {
  let changed = () => {};
  const self = {
    hash,
    page: "file:///report.html",
    steps: [] as [string, boolean][],
    write(next: string, step: boolean) {
      self.hash = next;
      self.steps.push([next, step]);
    },
    watch(listener: () => void) {
      changed = listener;
      return () => {};
    },
    go(next: string) {
      self.hash = next;
      changed();
    },
  };
  return self;
}

describe("what is seen first", () => {
  it.each([
    ["the only run", bundle({ runs: [head("a")] }), "#/run/a"],
    ["a list of several", bundle({ runs: [head("a"), head("b")] }), "#/library"],
    ["the tests of a session", bundle({ runs: [head("a")], session }), "#/session"],
    ["a comparison of two", bundle({ runs: [head("a"), head("b")], comparisons: [comparison] }), "#/compare/c"],
    ["a list, where there is nothing", bundle(), "#/library"],
  ])("is %s", (_, given, hash) => {
    expect(hashOf(start(given))).toBe(hash);
  });
});

describe("navigation", () => {
  const two = bundle({ runs: [head("a"), head("b")], comparisons: [comparison] });

  it("begins where the address says, if there is such a thing", () => {
    expect(new Navigation(two, address("#/run/b?span=4")).place).toMatchObject({ key: "b", span: 4 });
    expect(hashOf(new Navigation(two, address("#/run/z")).place)).toBe("#/compare/c");
    expect(hashOf(new Navigation(two, address("#/session")).place)).toBe("#/compare/c");
  });

  it("changes within a view without a step in the history, and opens another with one", () => {
    const at = address("#/run/a");
    const navigation = new Navigation(two, at);
    navigation.change({ span: 2, at: "start" });
    navigation.select(3);
    navigation.openComparison("c", 1);
    navigation.openRun("b");
    expect(at.steps).toEqual([
      ["#/run/a?span=2&at=start", false],
      ["#/run/a?span=3", false],
      ["#/compare/c?change=1", true],
      ["#/run/b", true],
    ]);
  });

  it("stays where it is rather than go nowhere", () => {
    const at = address("#/run/a");
    const navigation = new Navigation(two, at);
    const heard = vi.fn();
    navigation.subscribe(heard);
    navigation.openRun("z");
    navigation.openComparison("z");
    navigation.change({ span: null });
    expect([at.steps, heard.mock.calls.length, navigation.place.key]).toEqual([[], 0, "a"]);
  });

  it("follows the address, and tells whoever listens until they no longer do", () => {
    const at = address("#/run/a");
    const navigation = new Navigation(two, at);
    const heard = vi.fn();
    const leave = navigation.subscribe(heard);
    at.go("#/run/b?span=7");
    expect([navigation.place.key, navigation.place.span]).toEqual(["b", 7]);
    leave();
    at.go("#/nonsense");
    expect([hashOf(navigation.place), heard.mock.calls.length]).toEqual(["#/compare/c", 1]);
  });

  it("goes on from run to run, and with other runs stays where it was", () => {
    const navigation = new Navigation(two, address("#/run/a?span=2"));
    expect([navigation.runBeside("a", 1), navigation.runBeside("b", 1), navigation.runBeside("z", 1)]).toEqual(["b", null, null]);
    const heard = vi.fn();
    navigation.subscribe(heard);
    navigation.renew({ ...two });
    expect(heard).not.toHaveBeenCalled();
    navigation.renew(bundle({ runs: [head("a"), head("c")] }));
    expect([navigation.place.span, navigation.runBeside("a", 1), heard.mock.calls.length]).toEqual([2, "c", 1]);
    navigation.renew(bundle({ runs: [head("c")] }));
    expect(hashOf(navigation.place)).toBe("#/run/c");
  });

  it("gives links and finds comparisons", () => {
    const navigation = new Navigation(two, address("#/run/a?span=2"));
    expect(navigation.link()).toBe("file:///report.html#/run/a?span=2");
    expect(navigation.link({ span: 5 })).toBe("file:///report.html#/run/a?span=5");
    expect([navigation.comparisonOf("a", "b"), navigation.comparisonOf("b", "a")]).toEqual(["c", null]);
  });
});
