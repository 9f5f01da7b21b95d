/** Runs in a few letters: `span("tool search", 10, 5, { parent: 1 })`. */

import type { Kind, Link, LinkKind, Run, RunHead, Span } from "../src/core/data";

export function spans(...lines: [what: string, start: number, ms: number | null, more?: Partial<Span>][]): Span[] {
  return lines.map(([what, start, ms, more], index) => span(index + 1, what, start, ms, more));
}

export function span(id: number, what: string, start: number, ms: number | null, more: Partial<Span> = {}): Span {
  const [kind = "", label = ""] = what.split(" ");
  return {
    id,
    parent: null,
    kind: kind as Kind,
    name: label,
    label,
    lane: 0,
    start,
    ms,
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
    ...more,
  };
}

export function head(key: string, more: Partial<RunHead> = {}): RunHead {
  const usage = { input: null, output: null, cache_read: null, cache_write: null, reasoning: null };
  const totals = { spans: 0, llm_calls: 0, tool_calls: 0, errors: 0, usage, cost: 0, ms: 0, models: [] };
  return { key, name: key, path: null, recorded: null, tags: [], verdict: null, totals, running: false, stamp: null, ...more };
}

export function run(all: Span[], ...links: [LinkKind, number, number][]): Run {
  return {
    head: head("run"),
    metadata: {},
    libraries: {},
    uncaptured: [],
    prices: null,
    spans: all,
    links: links.map(([kind, from, to]): Link => ({ kind, from, to })),
  };
}
