/** What a call says that another one did not. */

import { diffArrays } from "diff/lib/diff/array.js";
import { answered, asked, gist, gists, offered, type Turn } from "./conversation";
import type { Call, Details, Json, Message, Part, ToolDefinition } from "./data";
import { type Leaf, leaves, same } from "./leaves";

/** A message, or one that changed, or some that are as they were. */
export type Novel = { kind: "same"; turns: Turn[] } | { kind: "come"; turn: Turn } | { kind: "gone"; message: Message } | { kind: "changed"; old: Message; turn: Turn };

export interface Novelty {
  /** The instructions of before and now, where they are others. */
  system: { old: Part[]; now: Part[] } | null;
  tools: { name: string; old: ToolDefinition | null; now: ToolDefinition | null }[];
  parameters: Leaf[];
  messages: Novel[];
}

/** A call, and where all that it says is kept. */
export interface Said {
  call: Call;
  details: Details;
}

/** What a call says that the one before it of the same agent did not: its own answer does not count as new when it comes back. */
export function novelty(before: Said, now: Said): Novelty {
  return { ...terms(before, now), messages: aligned(requested(before), requested(now), answered(before.call, before.details)) };
}

/** What a call says otherwise than the same call of another run. */
export function contrast(old: Said, now: Said): Novelty & { answers: Novel[] } {
  return { ...terms(old, now), messages: aligned(requested(old), requested(now)), answers: aligned(answered(old.call, old.details), answered(now.call, now.details)) };
}

function terms(before: Said, now: Said): Omit<Novelty, "messages"> {
  const [old, next] = [instructions(before), instructions(now)];
  return {
    system: same(gists(old), gists(next)) ? null : { old, now: next },
    tools: toolChanges(offered(before.call, before.details), offered(now.call, now.details)),
    parameters: leaves(before.call.request?.parameters ?? {}, now.call.request?.parameters ?? {}),
  };
}

/** What a call says apart from the conversation. */
export function instructions({ call, details }: Said): Part[] {
  const system = call.request?.system ?? null;
  return (system === null ? null : details.messages[system])?.parts ?? [];
}

function requested({ call, details }: Said): Turn[] {
  return asked(call, details).filter(({ side }) => side === "request");
}

/** The place among all turns of a call of the first message that the call before it did not hold; null where nothing goes on from before. */
export function firstNew(call: Call, details: Details): number | null {
  const before = call.before === null ? null : details.spans[call.before]?.call;
  if (before?.request == null || call.request === null) return null;
  const now = requested({ call, details });
  const start = sameAtStart([...requested({ call: before, details }), ...answered(before, details)], now);
  return start === 0 ? null : asked(call, details).length - now.length + start;
}

/**
 * Messages as they were beside those that are. What stands in `after` follows upon the old ones: of several answers, those that the
 * conversation did not go on from are not missing.
 */
function aligned(old: Turn[], now: Turn[], after: Turn[] = []): Novel[] {
  const all = [...old, ...after];
  const start = sameAtStart(all, now);
  const ids = new Map<string, number>();
  const id = ({ message }: Turn) => {
    const key = gist(message);
    if (!ids.has(key)) ids.set(key, ids.size);
    return ids.get(key) ?? -1;
  };
  const rest = all.slice(start);
  const missing = Math.max(0, old.length - start);
  const changes = diffArrays(rest.map(id), now.slice(start).map(id), { timeout: 200 }) ?? [removal(rest.length), addition(now.length - start)];
  const found: Novel[] = start > 0 ? [{ kind: "same", turns: now.slice(0, start) }] : [];
  let [from, to] = [0, start];
  for (const { removed, added, count } of changes) {
    if (removed) found.push(...rest.slice(from, Math.max(from, Math.min(from + count, missing))).map(({ message }): Novel => ({ kind: "gone", message })));
    else if (added) found.push(...now.slice(to, to + count).map((turn): Novel => ({ kind: "come", turn })));
    else found.push({ kind: "same", turns: now.slice(to, to + count) });
    if (!added) from += count;
    if (!removed) to += count;
  }
  return paired(joined(found));
}

const removal = (count: number) => ({ removed: true, added: false, count });
const addition = (count: number) => ({ removed: false, added: true, count });

function sameAtStart(old: readonly Turn[], now: readonly Turn[]): number {
  let start = 0;
  for (; start < Math.min(old.length, now.length); start++) {
    const [one, other] = [old[start]?.message, now[start]?.message];
    if (one === undefined || other === undefined || (one !== other && gist(one) !== gist(other))) break;
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
