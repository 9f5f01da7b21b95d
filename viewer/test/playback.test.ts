import { expect, test } from "vitest";
import type { StreamEvent } from "../src/core/data";
import { Playback } from "../src/core/playback";

const event = (at: number, text: string | null, type: "text" | "reasoning" | "tool_call" = "text"): StreamEvent => ({ at, text: "data", said: text === null ? null : { type, text } });
const STREAM = new Playback([event(100, null), event(150, "Hm.", "reasoning"), event(200, "Hel"), event(200, "lo"), event(1100, " you"), event(1100, null)]);

test("at a time, so much had been said", () => {
  expect([0, 99, 100, 199, 200, 1099, 5000].map((time) => STREAM.count(time))).toEqual([0, 0, 1, 2, 4, 4, 6]);
  expect(STREAM.said(4)).toEqual([
    { type: "reasoning", text: "Hm." },
    { type: "text", text: "Hello" },
  ]);
  expect(STREAM.said(0)).toEqual([]);
});

test("its speed is measured from the first event", () => {
  expect([STREAM.first, STREAM.firstSaid, STREAM.end]).toEqual([100, 150, 1100]);
  expect(STREAM.rate(20)).toBe(20);
  expect(STREAM.rate(null)).toBeNull();
  expect(STREAM.pause).toEqual({ ms: 900, after: 4 });
});

test("how much came when", () => {
  const amounts = STREAM.amounts(11);
  expect(amounts).toHaveLength(11);
  expect([amounts[1], amounts[2], amounts[10]]).toEqual([4, 5, 5]);
});

test("a stream of one event, or of none, has no speed", () => {
  const one = new Playback([event(50, "all")]);
  expect([one.rate(5), one.pause, one.count(50)]).toEqual([null, null, 1]);
  const none = new Playback([]);
  expect([none.end, none.firstSaid, none.amounts(2)]).toEqual([0, null, [0, 0]]);
});
