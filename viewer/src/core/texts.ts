/**
 * All that was said in a step, text by text: what a filter looks for. As in trace_ops/viewer/texts.py; viewer/vectors/filters.json
 * holds what both agree on. A message that many steps share is read and searched once.
 */

import type { Attempt, Call, Details, Json, Part, RawBody, SpanDetail } from "./data";
import type { Pattern } from "./filter";

export class Texts {
  /** In lower case, as they are searched. */
  readonly #messages: (readonly string[] | undefined)[] = [];
  readonly #steps = new Map<number, readonly string[]>();

  constructor(readonly details: Details) {}

  /** Every text of a step; the order says nothing. */
  of(id: number): string[] {
    return [...this.#own(id), ...this.#said(id).flatMap((number) => this.#message(number))];
  }

  /** Whether steps say something: a function for one pattern, which looks at each message once. */
  search(pattern: Pattern): (id: number) => boolean {
    const found: (boolean | undefined)[] = [];
    const inMessage = (number: number) => (found[number] ??= this.#loweredMessage(number).some((text) => pattern.within(text)));
    return (id) => this.#loweredOwn(id).some((text) => pattern.within(text)) || this.#said(id).some(inMessage);
  }

  /** Whether an answer holds a model's thoughts. */
  reasons(id: number): boolean {
    const answered = this.details.spans[id]?.call?.response?.messages ?? [];
    return answered.some((number) => this.details.messages[number]?.parts.some((part) => part.type === "reasoning"));
  }

  /** The messages of a step, by their number. */
  #said(id: number): number[] {
    const call = this.details.spans[id]?.call;
    const system = call?.request?.system ?? null;
    return [...(system === null ? [] : [system]), ...(call?.request?.messages ?? []), ...(call?.response?.messages ?? [])];
  }

  #message(number: number): string[] {
    return partsTexts(this.details.messages[number]?.parts ?? []);
  }

  #loweredMessage(number: number): readonly string[] {
    return (this.#messages[number] ??= this.#message(number).map((text) => text.toLowerCase()));
  }

  /** What a step says that is in no message. */
  #own(id: number): string[] {
    const step = this.details.spans[id];
    return step === undefined ? [] : stepTexts(this.details, step);
  }

  #loweredOwn(id: number): readonly string[] {
    let texts = this.#steps.get(id);
    if (texts === undefined) this.#steps.set(id, (texts = this.#own(id).map((text) => text.toLowerCase())));
    return texts;
  }
}

function stepTexts(details: Details, step: SpanDetail): string[] {
  const texts = [step.input, step.output, step.attributes].flatMap(jsonTexts);
  return step.call === null ? texts : [...texts, ...callTexts(details, step.call)];
}

function callTexts(details: Details, call: Call): string[] {
  return [
    ...(call.request === null ? bodyTexts(details, call.body) : []),
    ...call.attempts.flatMap((attempt) => attemptTexts(details, attempt, call.response === null)),
    ...jsonTexts(call.response?.error ?? null),
  ];
}

function attemptTexts(details: Details, { failure, status, body, events }: Attempt, unread: boolean): string[] {
  const texts = failure === null ? [] : [failure.type, failure.message];
  if (!unread && (status ?? 0) < 400) return texts;
  return [...texts, ...bodyTexts(details, body), ...(events ?? []).map((event) => event.text)];
}

function bodyTexts(details: Details, body: RawBody | null): string[] {
  if (body === null || "base64" in body) return [];
  if ("text" in body) return [body.text];
  return [body.json, ...Object.values(body.places ?? {}).map((number) => details.values[number] ?? null)].flatMap(jsonTexts);
}

function partsTexts(parts: readonly Part[]): string[] {
  return parts.flatMap(partTexts);
}

function partTexts(part: Part): string[] {
  switch (part.type) {
    case "text":
    case "refusal":
    case "reasoning":
      return part.content === null ? [] : [part.content];
    case "tool_call":
      return [part.name, ...jsonTexts(part.arguments)];
    case "tool_call_response":
      return [...(part.name === null ? [] : [part.name]), ...(isParts(part.response) ? partsTexts(part.response) : jsonTexts(part.response))];
    case "uri":
      return [part.uri];
    case "file":
      return [part.file_id];
    case "unknown":
      return jsonTexts(part.value);
    case "blob":
      return [];
  }
}

const PARTS: ReadonlySet<unknown> = new Set<Part["type"]>(["text", "refusal", "reasoning", "tool_call", "tool_call_response", "blob", "uri", "file", "unknown"]);

/** Whether the result of a tool is a list of parts, rather than a value of its own. */
export function isParts(response: Json | Part[]): response is Part[] {
  return Array.isArray(response) && response.every((item) => item !== null && typeof item === "object" && "type" in item && PARTS.has(item.type));
}

/** Keys are texts too, and so are numbers, but for lists of nothing else. */
function jsonTexts(value: Json): string[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value.every((item) => typeof item === "number") ? [] : value.flatMap(jsonTexts);
  if (typeof value === "object") return Object.entries(value).flatMap(([key, inner]) => [key, ...jsonTexts(inner)]);
  return [String(value)];
}
