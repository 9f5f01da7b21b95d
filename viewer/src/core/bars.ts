/** Where the bars of a row stand: what waited, what was written, what only held others. */

import type { Axis } from "./axis";
import type { Kind, Span } from "./data";
import type { Row } from "./rows";
import type { Tree } from "./tree";

export interface Bar {
  span: number;
  kind: Kind;
  /** `work`: something was done; `frame`: it held other steps that have rows of their own; `part`: one of those that a closed row holds. */
  shape: "work" | "frame" | "part";
  left: number;
  right: number;
  /** Where the first token came; null where nothing was streamed. */
  first: number | null;
  failed: boolean;
  running: boolean;
  /** Those side by side stand below each other: on which line, of how many. */
  line: number;
  lines: number;
}

/** Narrower than this nobody sees. */
const LEAST = 2;

export function barsOf(row: Row, tree: Tree, axis: Axis): Bar[] {
  if (row.type === "step" && !row.expandable) return inSight([bar(row.span, "work", tree, axis)], axis);
  if (row.expanded) return inSight([row.type === "group" ? around(row.spans, tree, axis) : bar(row.span, "frame", tree, axis)], axis);
  const spans = row.type === "group" ? row.spans : [row.span];
  const parts = thinned(stacked(spans.flatMap((span) => tree.leaves(span.id)).map((span) => bar(span, "part", tree, axis))));
  const frames = row.type === "group" ? [] : [bar(row.span, "frame", tree, axis)];
  return inSight([...frames, ...parts], axis);
}

function bar(span: Span, shape: Bar["shape"], tree: Tree, axis: Axis): Bar {
  const left = axis.x(span.start);
  const right = Math.max(left + LEAST, axis.x(tree.endOf(span)));
  const first = span.first === null ? null : Math.min(right, axis.x(span.start + span.first));
  return { span: span.id, kind: span.kind, shape, left, right, first, failed: span.error !== null, running: span.ms === null, line: 0, lines: 1 };
}

/** From the first to the last of some steps. */
function around(spans: readonly Span[], tree: Tree, axis: Axis): Bar {
  const bars = spans.map((span) => bar(span, "frame", tree, axis));
  const right = bars.reduce((furthest, one) => Math.max(furthest, one.right), -Infinity);
  return { ...(bars[0] as Bar), right, failed: false, running: bars.some((one) => one.running) };
}

/** More lines than these are one again. */
const MOST = 4;

/** Bars that overlap, below each other. */
function stacked(bars: Bar[]): Bar[] {
  const ends: number[] = [];
  for (const one of bars) {
    const free = ends.findIndex((end) => end <= one.left + 1);
    one.line = free < 0 ? ends.length : free;
    ends[one.line] = one.right;
  }
  const lines = ends.length > MOST ? 1 : Math.max(1, ends.length);
  for (const one of bars) [one.line, one.lines] = [one.line % lines, lines];
  return bars;
}

/** Without those that end where another was drawn already: ten thousand steps on two hundred pixels are two hundred. */
function thinned(bars: Bar[]): Bar[] {
  const edges: number[] = [];
  return bars.filter((one) => {
    const edge = edges[one.line] ?? -Infinity;
    edges[one.line] = Math.max(edge, one.right);
    return one.failed || one.right > edge + 0.5;
  });
}

function inSight(bars: Bar[], axis: Axis): Bar[] {
  return bars.filter((one) => one.right >= axis.left && one.left <= axis.right);
}
