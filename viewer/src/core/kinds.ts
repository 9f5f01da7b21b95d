/** What the kinds of steps are called. */

import type { Kind } from "./data";

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
