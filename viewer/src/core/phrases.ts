/** Changes in words, as `replay diff` tells them: trace_ops/diff/phrases.py. */

import type { Change, Json } from "./data";
import { cost, counted, duration, line } from "./format";
import { inline, isContainer } from "./json";

const INLINE = 40;
const SUBJECTS = new Map([
  ["finish", "finish reason"],
  ["usage", "tokens"],
]);
const NOUNS = new Map([
  ["trajectory", ["other step", "other steps"]],
  ["model", ["other model", "other models"]],
  ["prompt", ["other prompt", "other prompts"]],
  ["tools", ["other tool list", "other tool lists"]],
  ["arguments", ["tool call with other arguments", "tool calls with other arguments"]],
  ["result", ["other tool result", "other tool results"]],
  ["parameters", ["other parameter", "other parameters"]],
  ["response", ["other answer", "other answers"]],
  ["finish", ["answer that ends otherwise", "answers that end otherwise"]],
  ["error", ["other error", "other errors"]],
  ["usage", ["other token count", "other token counts"]],
  ["cost", ["other cost", "other costs"]],
  ["latency", ["other time", "other times"]],
]);
const FOLLOWS = new Map([
  ["repeats", "the same change again"],
  ["carries", "handed on"],
  ["answers", "what came of it"],
  ["after", "steps taken after it"],
]);

/** What happened, without where: `system prompt changed`, `model: "a" -> "b"`. */
export function what(change: Change): string {
  const subject = subjectOf(change);
  if (change.kind === "trajectory" && Array.isArray(change.before)) return `${subject} (old steps ${change.before.map((step) => line(String(step))).join(" and ")})`;
  if (change.kind === "trajectory") return subject;
  if (change.before === null && change.after === null) return `${subject} changed`;
  if (isInline(change)) return `${subject}: ${side(change, change.before)} → ${side(change, change.after)}`;
  if (change.before === null || change.after === null) return `${subject} ${cameOrWent(change)}`;
  return `${subject} changed${change.similarity !== null && typeof change.before === "string" ? ` (${share(change.similarity)} alike)` : ""}`;
}

/** What it is that changed, more closely than `cause` where the path tells. */
function subjectOf(change: Change): string {
  const inner = change.path.split(".");
  const at = inner.indexOf("arguments");
  if (change.kind === "tools" && inner.length > 1) return `${line(change.cause)}: ${line([inner[1], inner.slice(2).join(".")].filter(Boolean).join(", "))}`;
  if (change.kind === "arguments" && at >= 0) return [line(change.cause), line(inner.slice(at + 1).join("."))].filter(Boolean).join(", ");
  const value = change.before ?? change.after;
  const asked = change.kind === "response" && (change.before === null || change.after === null) && isContainer(value) && !Array.isArray(value) ? value["tool"] : null;
  if (typeof asked === "string") return `${line(change.cause)}: call of tool ${line(asked)}`;
  return SUBJECTS.get(change.cause) ?? line(change.cause);
}

function cameOrWent(change: Change): string {
  if (change.kind === "error") return change.before === null ? "is new" : "is gone";
  return change.before === null ? "added" : "removed";
}

/** Whether both values fit into the line that tells of the change. */
export function isInline(change: Change): boolean {
  const sides = [change.before, change.after];
  const prose = ["prompt", "response", "result"].includes(change.kind) && sides.some((value) => typeof value === "string" && value.includes(" "));
  return sides.some((value) => value !== null) && sides.every(isSmall) && !prose;
}

function isSmall(value: Json): boolean {
  return typeof value === "string" ? value.length <= INLINE && !value.includes("\n") : !isContainer(value);
}

function side(change: Change, value: Json): string {
  if (value === null) return "none";
  if (typeof value === "number" && change.kind === "cost") return cost(value);
  if (typeof value === "number" && change.kind === "latency") return duration(value);
  return line(inline(value));
}

/** Count changes by what they are: `3 other answers, 1 step added`. */
export function nouns(changes: readonly Change[]): string {
  const counts = new Map<string, { noun: readonly string[]; times: number }>();
  for (const change of changes) {
    const noun = nounOf(change);
    const key = noun.join();
    counts.set(key, { noun, times: (counts.get(key)?.times ?? 0) + 1 });
  }
  return [...counts.values()].map(({ noun: [one = "", many = ""], times }) => counted(times, one, many)).join(", ");
}

function nounOf(change: Change): readonly string[] {
  const moved = change.kind === "trajectory" ? ["added", "removed", "moved"].find((word) => change.cause.includes(word)) : undefined;
  if (moved !== undefined) return [`step ${moved}`, `steps ${moved}`];
  if (change.severity === "info" && ["response", "prompt", "result"].includes(change.kind)) return ["text in other words", "texts in other words"];
  if (change.cause === "documents") return ["retrieval with other documents", "retrievals with other documents"];
  return NOUNS.get(change.kind) ?? ["other change", "other changes"];
}

/** Why some changes follow from another. */
export function follows(word: string | null): string {
  return FOLLOWS.get(word ?? "") ?? "what followed";
}

/** A share in whole percents, but never all where it is not. */
export function share(value: number): string {
  return `${value < 1 ? Math.min(99, Math.round(value * 100)) : 100} %`;
}
