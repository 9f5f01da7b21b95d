/** What the kinds of steps are called. */

import type { Kind, Span } from "./data";

export const KINDS: readonly Kind[] = ["agent", "chain", "llm", "tool", "retrieval", "embedding", "decision", "custom"];

export const KIND_NAMES: Record<Kind, string> = {
  llm: "model call",
  embedding: "embedding",
  tool: "tool",
  retrieval: "retrieval",
  agent: "agent",
  chain: "chain",
  decision: "decision",
  custom: "step",
};

/** Whether a model did not come to the end of what it had to say. */
export function isCutOff({ finish }: Span): boolean {
  return /length|max_tokens|filter|safety|refusal|incomplete|recitation/i.test(finish ?? "");
}
