import { describe, expect, test } from "vitest";
import type { Details, Run } from "../src/core/data";
import { Moments } from "../src/core/moments";
import type { Edge } from "../src/core/place";
import { conversations, lastMoment } from "../src/core/standing";
import { Tree } from "../src/core/tree";
import { call, details, span } from "./sample";

/** An agent that asks a model, runs a tool, asks again; and beside it another one. */
const SPANS = [
  span(1, { kind: "agent", start: 0, ms: 1000 }),
  span(2, { parent: 1, start: 10, ms: 90 }),
  span(3, { parent: 1, kind: "tool", start: 110, ms: 90 }),
  span(4, { parent: 1, start: 210, ms: 90 }),
  span(5, { kind: "agent", start: 220, ms: 300 }),
  span(6, { parent: 5, start: 230, ms: 200 }),
];
const MOMENTS = new Moments(new Tree({ spans: SPANS } as Run));
const SAID: Details = details([], {
  spans: Object.fromEntries(SPANS.filter(({ kind }) => kind === "llm").map(({ id }) => [id, { input: null, output: null, attributes: {}, call: { ...call([], []), before: id === 4 ? 2 : null } }])),
});
const at = (id: number, edge: Edge, root: number | null = null) =>
  conversations(MOMENTS, SAID, MOMENTS.tree.find(root), MOMENTS.find(id, edge)!).map(({ call: one, answered, since, running }) => [one.id, answered, since.map((step) => step.id), running.map((step) => step.id)]);

describe("conversations as they stood", () => {
  test("before, during and after a call", () => {
    expect(at(1, "start")).toEqual([]);
    expect(at(2, "start")).toEqual([[2, false, [], []]]);
    expect(at(2, "end")).toEqual([[2, true, [], []]]);
  });

  test("with a tool at work, and with its result", () => {
    expect(at(3, "start")).toEqual([[2, true, [], [3]]]);
    expect(at(3, "end")).toEqual([[2, true, [3], []]]);
    expect(at(4, "start")).toEqual([[4, false, [], []]]);
  });

  test("of several agents, the last at work first; of one alone", () => {
    expect(at(6, "start").map(([id]) => id)).toEqual([6, 4]);
    expect(at(6, "start", 1).map(([id]) => id)).toEqual([4]);
    expect(lastMoment(MOMENTS, null)?.span).toBe(1);
    expect(lastMoment(MOMENTS, MOMENTS.tree.find(5))).toMatchObject({ span: 5, edge: "end" });
  });
});
