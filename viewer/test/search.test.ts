import { expect, test } from "vitest";
import { turns } from "../src/core/conversation";
import { holding } from "../src/core/search";
import { call, details, message } from "./sample";

const SAID = turns(
  call([0, 1, 2], [3]),
  details([
    message("user", "Where do llamas live?"),
    message("assistant", { type: "tool_call", id: null, name: "look_up", arguments: { animal: "LLAMA" }, server: false }),
    message("tool", { type: "tool_call_response", id: null, name: null, response: { place: "Andes" }, failed: false }),
    message("assistant", { type: "reasoning", content: "Not in Asia." }, "In the Andes."),
  ]),
);

test("a text is found wherever it is said, whatever its case", () => {
  expect(holding(SAID, "llama")).toEqual([0, 1]);
  expect(holding(SAID, "ANDES")).toEqual([2, 3]);
  expect(holding(SAID, "asia")).toEqual([3]);
  expect(holding(SAID, "look_up")).toEqual([1]);
  expect(holding(SAID, "constructor")).toEqual([]);
  expect(holding(SAID, "")).toEqual([]);
});
