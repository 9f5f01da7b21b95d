import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Bundle, Changes, Findings } from "../src/core/data";
import { searchAll, type Searched } from "../src/core/findings";
import { Follower, merged, pairOf, partsOf, type Server } from "../src/core/live";
import { Navigation, start, type Address } from "../src/core/navigation";
import { hashOf, placeOf } from "../src/core/place";
import { Shelf } from "../src/core/shelf";
import type { Source } from "../src/core/source";
import { head, run } from "./runs";

const library = (at: string, more = {}) => ({ at, unread: 0, broken: [], ...more });
const bundle = (runs: Bundle["runs"], at = "i:1"): Bundle => ({ version: 1, title: "t", generator: "", created: "", runs, comparisons: [], session: null, live: true, library: library(at) });
const changes = (at: string, more: Partial<Changes> = {}): Changes => ({ library: library(at), whole: false, runs: [], gone: [], ...more });
const at = (key: string, stamp: string) => head(key, { path: key, stamp });

describe("what a server tells is put into what is known", () => {
  const known = bundle([at("a", "1"), at("c", "1")]);

  it("new ones in their places, changed ones anew, and what is gone no more", () => {
    const next = merged(known, changes("i:2", { runs: [at("b", "1"), at("a", "2")], gone: ["c"] }));
    expect(next.runs.map((one) => `${one.key}${one.stamp}`)).toEqual(["a2", "b1"]);
    expect(next.library?.at).toBe("i:2");
  });

  it("with a whole, nothing else is there", () => {
    expect(merged(known, changes("j:1", { whole: true, runs: [at("b", "1")] })).runs.map((one) => one.key)).toEqual(["b"]);
    expect(merged(known, changes("j:1", { whole: true })).runs).toEqual([]);
  });

  it("the same if nothing is new", () => {
    expect(merged(known, changes("i:1"))).toBe(known);
    expect(merged(known, { ...changes("i:1"), library: library("i:1", { unread: 3 }) })).not.toBe(known);
  });
});

describe("a follower", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function followed() {
    const asked: string[] = [];
    const heard: { tell: (changes: Changes) => void; fail: () => void; left: boolean }[] = [];
    let answer: () => Promise<Changes> = () => Promise.reject(new Error("away"));
    const server: Server = {
      changes: (since) => {
        asked.push(since);
        return answer();
      },
      listen: (since, tell, fail) => {
        const one = { tell, fail, left: false };
        heard.push(one);
        asked.push(`listen ${since}`);
        return () => void (one.left = true);
      },
    };
    const told: string[][] = [];
    const reached: boolean[] = [];
    const follower = new Follower(server, bundle([at("a", "1")]), { tell: (next) => told.push(next.runs.map((one) => one.key)), reached: (is) => reached.push(is) });
    return { follower, asked, heard, told, reached, answers: (next: () => Promise<Changes>) => void (answer = next) };
  }

  it("tells of what it hears, and goes on from there", () => {
    const { follower, heard, told, asked } = followed();
    follower.start();
    follower.start();
    heard[0]?.tell(changes("i:2", { runs: [at("b", "1")] }));
    heard[0]?.tell(changes("i:2"));
    expect(told).toEqual([["a", "b"]]);
    follower.pause();
    expect(heard[0]?.left).toBe(true);
    follower.start();
    expect(asked).toEqual(["listen i:1", "listen i:2"]);
  });

  it("asks while it cannot listen, and listens again when it is answered", async () => {
    const { follower, heard, asked, told, reached, answers } = followed();
    follower.start();
    heard[0]?.fail();
    await vi.advanceTimersByTimeAsync(4100);
    expect([asked, reached]).toEqual([["listen i:1", "i:1", "i:1"], [false, false]]);
    answers(() => Promise.resolve(changes("i:5", { runs: [at("b", "1")] })));
    await vi.advanceTimersByTimeAsync(2000);
    expect([told, reached.at(-1), asked.at(-1), heard.length]).toEqual([[["a", "b"]], true, "listen i:5", 2]);
  });

  it("asks every two seconds where a stream never comes through", async () => {
    const { follower, heard, asked, answers } = followed();
    answers(() => Promise.resolve(changes("i:1")));
    follower.start();
    for (let round = 0; round < 3; round++) {
      heard.at(-1)?.fail();
      await vi.advanceTimersByTimeAsync(2000);
    }
    expect(asked.filter((one) => one === "i:1")).toHaveLength(3);
  });

  it("is still once it has ended", async () => {
    const { follower, heard, told, asked } = followed();
    follower.start();
    follower.end();
    heard[0]?.tell(changes("i:2", { runs: [at("b", "1")] }));
    follower.start();
    await vi.advanceTimersByTimeAsync(10_000);
    expect([told, asked]).toEqual([[], ["listen i:1"]]);
  });
});

describe("places where a server is", () => {
  const address = (hash: string): Address => ({ hash, page: "http://x/", write: () => {}, watch: () => () => {} });
  const navigation = (hash: string, given: Bundle) => hashOf(new Navigation(given, address(hash)).place);
  const two = bundle([at("a", "1"), at("b", "1")]);

  it("the list comes first, however few there are", () => {
    expect(hashOf(start(bundle([])))).toBe("#/library");
    expect(hashOf(start(bundle([at("a", "1")])))).toBe("#/library");
  });

  it("any two are compared", () => {
    expect(pairOf("a", "b")).toBe("a~b");
    expect(partsOf("a~b")).toEqual(["a", "b"]);
    expect(navigation("#/compare/a~b", two)).toBe("#/compare/a~b");
    expect(["#/compare/a~z", "#/compare/a", "#/compare/a~b~a"].map((hash) => navigation(hash, two))).toEqual(["#/library", "#/library", "#/library"]);
    expect(new Navigation(two, address("")).comparisonOf("b", "a")).toBe("b~a");
  });

  it("what is not read yet may still come", () => {
    const reading = { ...two, library: library("i:1", { unread: 1 }) };
    expect([navigation("#/run/z", reading), navigation("#/run/z", two)]).toEqual(["#/run/z", "#/library"]);
  });

  it("what is looked for and chosen is in the address", () => {
    expect(hashOf(placeOf("library", null, { find: "rome", picked: ["a", "b"] }))).toBe("#/library?find=rome&picked=a%7Eb");
  });
});

it("what was loaded is loaded again when it is another", async () => {
  const asked: string[] = [];
  const ask = (what: string) => (key: string) => {
    asked.push(`${what} ${key}`);
    return Promise.resolve(run([]) as never);
  };
  const source: Source = { server: null, bundle: () => Promise.reject(new Error()), run: ask("run"), details: ask("details"), comparison: ask("comparison") };
  const shelf = new Shelf(source);
  const load = () => [shelf.run("a"), shelf.details("a"), shelf.run("b"), shelf.comparison("a~b"), shelf.comparison("b~b")];
  shelf.renew(bundle([at("a", "1"), at("b", "1")]));
  await Promise.all(load());
  shelf.renew(bundle([at("a", "1"), at("b", "1")]));
  await Promise.all(load());
  expect(asked).toHaveLength(5);
  shelf.renew(bundle([at("a", "2"), at("b", "1")]));
  await Promise.all(load());
  expect(asked.slice(5)).toEqual(["run a", "details a", "comparison a~b"]);
});

describe("a search in parts", () => {
  const part = (keys: string[], searched: number, next: number | null): Findings => ({ found: keys.map((key) => ({ key, steps: 1, hits: [] })), searched, of: 3, next });

  it("tells of each, until it is over", async () => {
    const parts = [part(["a"], 1, 1), part([], 2, 2), part(["c"], 3, null)];
    const told: Searched[] = [];
    await searchAll((from) => Promise.resolve(parts[from] ?? part([], 0, null)), (searched) => told.push(searched), () => true);
    expect(told.map(({ found, searched, over }) => [[...found.keys()].join(""), searched, over])).toEqual([
      ["a", 1, false],
      ["a", 2, false],
      ["ac", 3, true],
    ]);
  });

  it("asks no more when nobody wants it", async () => {
    const ask = vi.fn(() => Promise.resolve(part(["a"], 1, 1)));
    const tell = vi.fn();
    await searchAll(ask, tell, () => false);
    expect([ask.mock.calls.length, tell.mock.calls.length]).toEqual([1, 0]);
  });
});
