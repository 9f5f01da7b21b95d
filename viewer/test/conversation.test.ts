import { describe, expect, test } from "vitest";
import { calledNames, turns } from "../src/core/conversation";
import type { Call, Details, Message, Part } from "../src/core/data";
import { contrast, firstNew, novelty as noveltyOf, type Novel } from "../src/core/novelty";
import { isParts, messageText, textsOf } from "../src/core/said";
import { call, details, message, text } from "./sample";

const asks: Part = { type: "tool_call", id: "call_1", name: "search", arguments: { q: "llamas" }, server: false };
const gives: Part = { type: "tool_call_response", id: "call_1", name: null, response: "the Andes", failed: false };
const POOL = [message("system", "Be brief."), message("user", "Where?"), message("assistant", asks), message("tool", gives), message("assistant", "In the Andes.")];

const novelty = (before: Call, now: Call, all: Details) => noveltyOf({ call: before, details: all }, { call: now, details: all });

const told = (found: Novel[]) =>
  found.map((novel) => {
    if (novel.kind === "same") return `${novel.turns.length} same`;
    if (novel.kind === "gone") return `- ${messageText(novel.message)}`;
    return novel.kind === "come" ? `+ ${messageText(novel.turn.message)}` : `${messageText(novel.old)} -> ${messageText(novel.turn.message)}`;
  });

test("a conversation is the instructions, what was sent, and the answer", () => {
  const said = turns(call([1, 2, 3], [4], { system: 0 }), details(POOL));
  expect(said.map(({ side, number, message: { role } }) => [side, number, role])).toEqual([
    ["system", 0, "system"],
    ["request", 1, "user"],
    ["request", 2, "assistant"],
    ["request", 3, "tool"],
    ["answer", 1, "assistant"],
  ]);
  expect(calledNames(said).get("call_1")).toBe("search");
});

describe("what is new", () => {
  const news = (before: [number[], number[]], now: number[], pool: Message[] = POOL) => told(novelty(call(...before), call(now, []), details(pool)).messages);

  test("is what came after the last answer", () => expect(news([[0, 1], [2]], [0, 1, 2, 3])).toEqual(["3 same", "+ the Andes"]));

  test("is no answer that comes back in another form", () => {
    const again: Message = { role: "assistant", name: null, parts: [text("  "), { type: "tool_call", id: "other", name: "search", arguments: { q: "llamas" }, server: false }] };
    expect(news([[0, 1], [2]], [0, 1, 5, 3], [...POOL, again])).toEqual(["3 same", "+ the Andes"]);
  });

  test("is a message that changed, or is no longer there", () => {
    const pool = [...POOL, message("system", "Be long.")];
    expect(news([[0, 1], [2]], [5, 1, 2], pool)).toEqual(["Be brief. -> Be long.", "2 same"]);
    expect(news([[0, 1, 2, 3], [4]], [0, 3, 4])).toEqual(["1 same", "- Where?", '- search({\n  "q": "llamas"\n})', "2 same"]);
  });

  test("is no choice of an answer that was not taken", () => expect(news([[0, 1], [2, 4]], [0, 1, 4])).toEqual(["3 same"]));

  test("is everything after a call of nothing in common", () => expect(news([[1], []], [0])).toEqual(["- Where?", "+ Be brief."]));

  test("are instructions, tools and parameters", () => {
    const tools = [
      { name: "search", description: "Finds.", parameters: {} },
      { name: "search", description: "Finds all.", parameters: {} },
      { name: "__proto__", description: null, parameters: null },
    ];
    const before = call([], [], { system: 0, tools: [0], parameters: { temperature: 0 } });
    const now = call([], [], { system: 5, tools: [1, 2], parameters: { temperature: 1, top_p: 0.5 } });
    const found = novelty(before, now, details([...POOL, message("system", "Be long.")], { tools }));
    expect(found.system).toEqual({ old: [text("Be brief.")], now: [text("Be long.")] });
    expect(found.tools.map((tool) => [tool.name, tool.old?.description, tool.now?.description])).toEqual([
      ["search", "Finds.", "Finds all."],
      ["__proto__", undefined, null],
    ]);
    expect(found.parameters.map(({ path, old, now: value }) => [path, old, value])).toEqual([
      ["temperature", 0, 1],
      ["top_p", undefined, 0.5],
    ]);
  });

  test("is nothing of instructions and tools that are the same", () => {
    const same = call([1], [2], { system: 0 });
    const found = novelty(same, same, details(POOL));
    expect([found.system, found.tools, found.parameters]).toEqual([null, [], []]);
  });

  test("is found in long conversations", () => {
    const long = Array.from({ length: 3000 }, (_, number) => message("user", `message ${number}`));
    const all = long.map((_, index) => index);
    expect(told(novelty(call(all.slice(0, 2999), []), call(all, []), details(long)).messages)).toEqual(["2999 same", "+ message 2999"]);
    expect(told(novelty(call(all, []), call(all.slice(100), []), details(long)).messages)).toHaveLength(101);
  });
});

test("the first new message is counted with the instructions", () => {
  const all = details(POOL, { spans: { 7: { input: null, output: null, attributes: {}, call: call([0, 1], [2]) } } });
  const now = { ...call([0, 1, 2, 3], [4], { system: 0 }), before: 7 };
  expect(firstNew(now, all)).toBe(4);
  expect(firstNew({ ...now, before: null }, all)).toBeNull();
  expect(firstNew({ ...call([3], []), before: 7 }, all)).toBeNull();
});

test("the same call of another run says something else", () => {
  const found = contrast({ call: call([0, 1], [2]), details: details(POOL) }, { call: call([0, 1, 2], [1]), details: details([message("system", "Be long."), message("user", "In the Andes?"), message("user", "Where?")]) });
  expect(told(found.messages)).toEqual(["Be brief. -> Be long.", "+ In the Andes?", "1 same"]);
  expect(told(found.answers)).toEqual(['- search({\n  "q": "llamas"\n})', "+ In the Andes?"]);
});

describe("what a tool gave back", () => {
  test("is a list of parts only where each is one", () => {
    expect(isParts([text("a"), { type: "reasoning", content: null }])).toBe(true);
    expect(isParts([])).toBe(false);
    expect(isParts([{ type: "text" }])).toBe(false);
    expect(isParts([{ type: "text", content: { html: 1 } }])).toBe(false);
    expect(isParts([{ type: "invoice", total: 3 }])).toBe(false);
    expect(isParts("text")).toBe(false);
  });

  test("can be searched", () => {
    expect(textsOf({ ...gives, response: [text("inner")] } as Part)).toEqual(["", "inner"]);
    expect(textsOf({ ...gives, response: { place: "Andes" } } as Part)).toEqual(["", '{\n  "place": "Andes"\n}']);
  });
});
