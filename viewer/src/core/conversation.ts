/** What was said in a call, in order; and what of it is new since the call before. */

import { diffArrays } from "diff/lib/diff/array.js";
import type { Call, Details, Json, Message, Part, ToolDefinition } from "./data";
import { isContainer, written } from "./json";
import { type Leaf, leaves, same } from "./leaves";

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
  const { system = [], messages = [] } = call.request ?? {};
  const instructions: Turn[] = system.length > 0 ? [{ message: { role: "system", name: null, parts: system }, side: "system", number: 0 }] : [];
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

/** A message, or one that changed, or some that are as they were. */
export type Novel = { kind: "same"; turns: Turn[] } | { kind: "come"; turn: Turn } | { kind: "gone"; message: Message } | { kind: "changed"; old: Message; turn: Turn };

export interface Novelty {
  /** The instructions of before and now, where they are others. */
  system: { old: Part[]; now: Part[] } | null;
  tools: { name: string; old: ToolDefinition | null; now: ToolDefinition | null }[];
  parameters: Leaf[];
  messages: Novel[];
}

/** What a call says that the one before it did not: its own answer does not count as new when it comes back. */
export function novelty(before: Call, call: Call, details: Details): Novelty {
  const [old, now] = [before.request?.system ?? [], call.request?.system ?? []];
  return {
    system: same(gists(old), gists(now)) ? null : { old, now },
    tools: toolChanges(offered(before, details), offered(call, details)),
    parameters: leaves(before.request?.parameters ?? {}, call.request?.parameters ?? {}),
    messages: newMessages(before, call, details),
  };
}

/** The place among all turns of a call of the first message that the call before it did not hold; null where nothing goes on from before. */
export function firstNew(call: Call, details: Details): number | null {
  const before = call.before === null ? null : details.spans[call.before]?.call;
  if (before?.request == null || call.request === null) return null;
  const now = asked(call, details);
  const instructions = now.length - call.request.messages.length;
  const known = [...asked(before, details).filter(({ side }) => side === "request"), ...answered(before, details)].map(({ message }) => message);
  const same = sameAtStart(known, now.slice(instructions));
  return same === 0 ? null : instructions + same;
}

function newMessages(before: Call, call: Call, details: Details): Novel[] {
  const known = asked(before, details).filter(({ side }) => side === "request");
  const all = [...known, ...answered(before, details)].map(({ message }) => message);
  const now = asked(call, details).filter(({ side }) => side === "request");
  const start = sameAtStart(all, now);
  const ids = new Map<string, number>();
  const id = (message: Message) => {
    const key = gist(message);
    if (!ids.has(key)) ids.set(key, ids.size);
    return ids.get(key) ?? -1;
  };
  // Of several answers, those that the conversation did not go on from are not missing.
  const rest = all.slice(start);
  const sent = Math.max(0, known.length - start);
  const changes = diffArrays(rest.map(id), now.slice(start).map(({ message }) => id(message)), { timeout: 200 });
  const found: Novel[] = start > 0 ? [{ kind: "same", turns: now.slice(0, start) }] : [];
  let [from, to] = [0, start];
  for (const change of changes ?? [removal(rest.length), addition(now.length - start)]) {
    if (change.removed) {
      found.push(...rest.slice(from, Math.min(from + change.count, Math.max(from, sent))).map((message): Novel => ({ kind: "gone", message })));
      from += change.count;
      continue;
    }
    const reached = now.slice(to, to + change.count);
    to += change.count;
    if (change.added) found.push(...reached.map((turn): Novel => ({ kind: "come", turn })));
    else {
      from += change.count;
      found.push({ kind: "same", turns: reached });
    }
  }
  return paired(joined(found));
}

const removal = (count: number) => ({ removed: true, added: false, count });
const addition = (count: number) => ({ removed: false, added: true, count });

function sameAtStart(old: readonly Message[], now: readonly Turn[]): number {
  let start = 0;
  while (start < Math.min(old.length, now.length)) {
    const [one, other] = [old[start], now[start]?.message];
    if (one === undefined || other === undefined || (one !== other && gist(one) !== gist(other))) break;
    start += 1;
  }
  return start;
}

function joined(found: Novel[]): Novel[] {
  const made: Novel[] = [];
  for (const novel of found) {
    const last = made.at(-1);
    if (novel.kind === "same" && last?.kind === "same") last.turns.push(...novel.turns);
    else made.push(novel.kind === "same" ? { kind: "same", turns: [...novel.turns] } : novel);
  }
  return made;
}

/** A message that went where one of the same role came is one that changed. */
function paired(found: Novel[]): Novel[] {
  const made: Novel[] = [];
  for (const novel of found) {
    const at = novel.kind === "come" ? made.findIndex((other, index) => other.kind === "gone" && other.message.role === novel.turn.message.role && made.slice(index).every((between) => between.kind !== "same")) : -1;
    const old = made[at];
    if (novel.kind === "come" && old?.kind === "gone") made[at] = { kind: "changed", old: old.message, turn: novel.turn };
    else made.push(novel);
  }
  return made;
}

function toolChanges(old: readonly ToolDefinition[], now: readonly ToolDefinition[]): Novelty["tools"] {
  if (old.length === now.length && old.every((tool, index) => tool === now[index])) return [];
  const [before, after] = [new Map(old.map((tool) => [tool.name, tool])), new Map(now.map((tool) => [tool.name, tool]))];
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((name) => ({ name, old: before.get(name) ?? null, now: after.get(name) ?? null }))
    .filter((tool) => !same(definition(tool.old), definition(tool.now)));
}

export function definition(tool: ToolDefinition | null): Json {
  return tool === null ? null : { name: tool.name, description: tool.description, parameters: tool.parameters };
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

function gists(parts: readonly Part[]): Json[] {
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
