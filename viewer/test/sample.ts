/** Small pieces of data for the tests. */

import type { Call, Details, Message, Part, Span } from "../src/core/data";

export const text = (content: string): Part => ({ type: "text", content });

export const message = (role: Message["role"], ...parts: (string | Part)[]): Message => ({
  role,
  name: null,
  parts: parts.map((part) => (typeof part === "string" ? text(part) : part)),
});

export function span(id: number, given: Partial<Span> = {}): Span {
  return {
    id,
    parent: null,
    kind: "llm",
    name: `step ${id}`,
    label: `step ${id}`,
    lane: 0,
    start: id * 100,
    ms: 50,
    first: null,
    model: null,
    provider: null,
    usage: null,
    cost: null,
    unpriced: false,
    tools: [],
    finish: null,
    error: null,
    attempts: 1,
    preview: "",
    ...given,
  };
}

export function call(messages: number[], answers: number[], given: Partial<NonNullable<Call["request"]>> = {}): Call {
  return {
    provider: "openai",
    method: "POST",
    path: "/chat/completions",
    query: "",
    api: "openai.chat",
    request: { system: null, messages, tools: [], parameters: {}, ...given },
    response: { messages: answers, finish: ["stop"], error: null, complete: true, extra: {} },
    before: null,
    headers: {},
    body: null,
    attempts: [],
  };
}

export const details = (messages: Message[], given: Partial<Details> = {}): Details => ({ messages, tools: [], values: [], spans: {}, ...given });
