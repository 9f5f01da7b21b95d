/** What was said in a call, in order. */

import type { Call, Details, Json, Message, Part, ToolDefinition } from "./data";
import { isContainer, written } from "./json";

export interface Turn {
  message: Message;
  /** What it is part of; `system` are instructions given apart from the conversation. */
  side: "system" | "request" | "answer" | "since";
  /** Its place among the messages of the request, or of the choices of an answer, from 1. */
  number: number;
}

/** Everything that was said, the answer last. */
export function turns(call: Call, details: Details): Turn[] {
  return [...asked(call, details), ...answered(call, details)];
}

export function asked(call: Call, details: Details): Turn[] {
  const { system = null, messages = [] } = call.request ?? {};
  const instructions = pooled(system === null ? [] : [system], details).map((message): Turn => ({ message, side: "system", number: 0 }));
  return [...instructions, ...pooled(messages, details).map((message, index): Turn => ({ message, side: "request", number: index + 1 }))];
}

export function answered(call: Call, details: Details): Turn[] {
  return pooled(call.response?.messages ?? [], details).map((message, index) => ({ message, side: "answer", number: index + 1 }));
}

function pooled(indices: readonly number[], details: Details): Message[] {
  return indices.map((index) => details.messages[index]).filter((message) => message !== undefined);
}

export function offered(call: Call, details: Details): ToolDefinition[] {
  return (call.request?.tools ?? []).map((index) => details.tools[index]).filter((tool) => tool !== undefined);
}

/** The names of the tools that were asked for, by the ids of the calls. */
export function calledNames(said: readonly Turn[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { message } of said) for (const part of message.parts) if (part.type === "tool_call" && part.id !== null) names.set(part.id, part.name);
  return names;
}

const KNOWN = new WeakMap<Message, string>();

/** What a message says, whatever ids it goes by and whether what was thought before is still with it. */
export function gist(message: Message): string {
  const known = KNOWN.get(message);
  if (known !== undefined) return known;
  const made = written([message.role, gists(message.parts)]);
  KNOWN.set(message, made);
  return made;
}

export function gists(parts: readonly Part[]): Json[] {
  return parts.flatMap((part): Json[] => {
    if (part.type === "reasoning") return [];
    if (part.type === "text") return part.content.trim() === "" ? [] : [part.content.trim()];
    if (part.type === "tool_call") return [{ call: part.name, arguments: part.arguments }];
    if (part.type === "tool_call_response") return [{ result: isContainer(part.response as Json) ? (part.response as Json) : plainText(part.response as Json) }];
    if (part.type === "blob") return [{ blob: part.sha256 }];
    return [part as unknown as Json];
  });
}

const plainText = (value: Json) => (typeof value === "string" ? value.trim() : value);
