import { describe, expect, it } from "vitest";
import { Axis, niceStep, padded, timesOf } from "../src/core/axis";
import { barsOf } from "../src/core/bars";
import { Rows, UNTOUCHED } from "../src/core/rows";
import { AS_IT_WAS, squeezed } from "../src/core/squeeze";
import { stripOf } from "../src/core/minimap";
import { Tree } from "../src/core/tree";
import { zoomed } from "../src/core/zoom";
import { run, spans } from "./runs";

describe("idle time is squeezed", () => {
  // Work from 0 to 100, from 1000 to 1100, from 1110 to 1200; the agent only waits.
  const tree = new Tree(run(spans(["agent a", 0, 5000], ["llm m", 0, 100, { parent: 1 }], ["tool t", 1000, 100, { parent: 1 }], ["tool t", 1110, 90, { parent: 1 }])));
  const squeeze = squeezed(tree);

  it("where nothing was at work, and not where it was short", () => {
    expect(squeeze.gaps).toEqual([
      { from: 100, to: 1000 },
      { from: 1200, to: 5000 },
    ]);
  });

  it("so that times keep their order, and those at work their length", () => {
    const shown = [0, 50, 100, 550, 1000, 1100, 1200, 3000, 5000].map((time) => squeeze.shown(time));
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
    expect(squeeze.shown(1200) - squeeze.shown(1000)).toBeCloseTo(200);
    expect(squeeze.shown(5000)).toBeLessThan(350);
  });

  it.each([0, 99, 100, 101, 640.5, 999, 1000, 1150, 1200, 1201, 4999, 5000])("and %d is found again", (time) => {
    expect(squeeze.time(squeeze.shown(time))).toBeCloseTo(time, 6);
  });

  it("and nothing is squeezed where nothing is idle", () => {
    expect(squeezed(new Tree(run(spans(["llm m", 0, 100], ["tool t", 101, 50])))).gaps).toEqual([]);
    expect([AS_IT_WAS.shown(7), AS_IT_WAS.time(7)]).toEqual([7, 7]);
  });

  it("at the start too, and over what runs side by side", () => {
    expect(squeezed(new Tree(run(spans(["llm m", 500, 100], ["tool t", 550, 300], ["tool u", 560, 10])))).gaps).toEqual([{ from: 0, to: 500 }]);
  });
});

describe("an axis", () => {
  it("leads from times to places and back", () => {
    const axis = new Axis([100, 300], 10, 210);
    expect([axis.x(100), axis.x(200), axis.x(300), axis.time(110)]).toEqual([10, 110, 210, 200]);
  });

  it.each([
    [0.03, 0.05],
    [0.2, 0.2],
    [3, 5],
    [7, 10],
    [180, 200],
    [501, 1000],
    [1001, 2000],
    [6000, 10_000],
    [16_000, 30_000],
    [31_000, 60_000],
    [400_000, 600_000],
    [50_000_000, 86_400_000],
  ])("counts in steps that people count in: %d becomes %d", (least, step) => {
    expect(niceStep(least)).toBeCloseTo(step, 9);
  });

  it("has marks at round times, not too near each other", () => {
    const ticks = new Axis([130, 1130], 0, 500).ticks(100);
    expect(ticks.map((tick) => tick.time)).toEqual([200, 400, 600, 800, 1000]);
    expect(ticks[1]!.x - ticks[0]!.x).toBeCloseTo(100);
  });

  it("has no marks in a gap", () => {
    const tree = new Tree(run(spans(["llm m", 0, 1000], ["llm m", 61_000, 1000])));
    const axis = new Axis([0, 62_000], 0, 500, squeezed(tree));
    expect(axis.ticks(60).every(({ time }) => time <= 1000 || time >= 61_000)).toBe(true);
    expect(axis.gaps()).toMatchObject([{ from: 1000, to: 61_000 }]);
  });

  it("is never without length", () => {
    expect(padded([5, 5])).toEqual([5, 6]);
    expect(Number.isFinite(new Axis([5, 5], 0, 100).x(5))).toBe(true);
  });
});

describe("a range is zoomed", () => {
  it.each([
    ["in, around a time", null, 250, 0.5, [125, 625]],
    ["in at an edge", null, 0, 0.5, [0, 500]],
    ["in again", [100, 300], 300, 0.5, [200, 300]],
    ["out", [200, 300], 250, 2, [150, 350]],
    ["out, but not beyond the run", [900, 1000], 990, 2, [800, 1000]],
    ["out to the whole run", [100, 900], 500, 2, null],
    ["not to nothing", [500, 501], 500.5, 0.1, [500, 501]],
    ["around a time out of it", [100, 300], 900, 0.5, [800, 900]],
  ] as const)("%s", (_, range, at, factor, expected) => {
    expect(zoomed(range, [0, 1000], at, factor)).toEqual(expected);
  });
});

describe("the times that rows take up", () => {
  const tree = new Tree(run(spans(["agent a", 0, 9000], ["llm m", 1000, 500, { parent: 1 }], ["chain c", 2000, 900, { parent: 1 }], ["tool t", 2100, 950, { parent: 3 }], ["tool u", 8000, null])));
  const all = new Rows(tree).list;

  it("are those of what did something", () => {
    expect(timesOf(tree, all.slice(0, 4), null)).toEqual([1000, 3050]);
  });
  it("are those of all beneath what is closed", () => {
    const closed = new Rows(tree, { ...UNTOUCHED, closed: new Set([3]) }).list;
    expect(timesOf(tree, closed.slice(2, 3), null)).toEqual([2000, 3050]);
  });
  it("are its own where nothing else is in sight", () => {
    expect(timesOf(tree, all.slice(0, 1), null)).toEqual([0, 9000]);
  });
  it("stay within a range", () => {
    expect(timesOf(tree, all, [1200, 2500])).toEqual([1200, 2500]);
    expect(timesOf(tree, all.slice(1, 2), [5000, 6000])).toEqual([5000, 6000]);
  });
  it("are the whole run where nothing is shown", () => {
    expect(timesOf(tree, [], null)).toEqual([0, 8000 + 1000]);
  });
});

describe("bars", () => {
  const axis = new Axis([0, 1000], 0, 1000);
  const FAILED = { type: "E", message: "m" };
  const tree = new Tree(
    run(
      spans(
        ["agent a", 0, 1000],
        ["llm m", 100, 300, { parent: 1, first: 100 }],
        ["tool t", 500, 100, { parent: 1, error: FAILED }],
        ["tool t", 520, 100, { parent: 1 }],
        ["tool t", 700, null, { parent: 1 }],
      ),
    ),
  );
  const bars = (key: string, folds = UNTOUCHED, on = axis) => {
    const row = new Rows(tree, folds).list.find((one) => one.key === key)!;
    return barsOf(row, tree, on).map(({ span, shape, left, right, first, failed, running, line, lines }) => [span, shape, left, right, first, failed, running, `${line}/${lines}`]);
  };

  it("have two tones where the first token came later", () => {
    expect(bars("s2")).toEqual([[2, "work", 100, 400, 200, false, false, "0/1"]]);
  });
  it("only frame what holds others", () => {
    expect(bars("s1")).toEqual([[1, "frame", 0, 1000, null, false, false, "0/1"]]);
  });
  it("stand below each other in a closed group, where they overlap", () => {
    expect(bars("g3")).toEqual([
      [3, "part", 500, 600, null, true, false, "0/2"],
      [4, "part", 520, 620, null, false, false, "1/2"],
      [5, "part", 700, 1000, null, false, true, "0/2"],
    ]);
  });
  it("go around an open group", () => {
    expect(bars("g3", { ...UNTOUCHED, opened: new Set([3]) })).toEqual([[3, "frame", 500, 1000, null, false, true, "0/1"]]);
  });
  it("of all that is beneath stand in a closed step", () => {
    expect(bars("s1", { ...UNTOUCHED, closed: new Set([1]) }).map(([span, shape]) => [span, shape])).toEqual([[1, "frame"], [2, "part"], [3, "part"], [4, "part"], [5, "part"]]);
  });
  it("are left out where they are out of sight, and never thinner than can be seen", () => {
    expect(bars("s2", UNTOUCHED, new Axis([450, 460], 0, 100))).toEqual([]);
    const [bar] = bars("s2", UNTOUCHED, new Axis([0, 1e6], 0, 100));
    expect((bar![3] as number) - (bar![2] as number)).toBeCloseTo(2);
  });
  it("of ten thousand steps on two hundred pixels are not ten thousand", () => {
    const many = new Tree(run(spans(...Array.from({ length: 10_000 }, (_, index): [string, number, number] => ["tool t", index, 1]))));
    const [row] = new Rows(many).list;
    expect(barsOf(row!, many, new Axis([0, 10_000], 0, 200)).length).toBeLessThan(450);
  });

  it("are marks on the minimap: a line a lane, holders left out, failures said", () => {
    const laned = new Tree(run(spans(["agent a", 0, 100, { error: FAILED }], ["tool t", 0, 50, { parent: 1 }], ["tool t", 10, 50, { parent: 1, lane: 7, error: FAILED }])));
    const strip = stripOf(laned, new Axis([0, 100], 0, 100), new Set([3]));
    expect(strip.lines).toBe(2);
    expect(strip.marks.map(({ line, left, right, failed, asked }) => [line, left, right, failed, asked])).toEqual([[0, 0, 50, false, false], [1, 10, 60, true, true]]);
    expect(strip.failures).toEqual([100, 35]);
  });
});
