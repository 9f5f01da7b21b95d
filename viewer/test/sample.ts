/** Small pieces of data for the tests. */

import type { Call, Details, Message, Part, Span } from "../src/core/data";
import { span as step } from "./runs";

export const text = (content: string): Part => ({ type: "text", content });

export const message = (role: Message["role"], ...parts: (string | Part)[]): Message => ({
  role,
  name: null,
  parts: parts.map((part) => (typeof part === "string" ? text(part) : part)),
});

/** A model call, or what is given instead. */
export function span(id: number, given: Partial<Span> = {}): Span {
  return step(id, `llm step${id}`, id * 100, 50, given);
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
