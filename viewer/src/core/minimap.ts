/** The whole run on a strip: each lane a line, each step that did something a mark on it. */

import type { Axis } from "./axis";
import type { Kind } from "./data";
import type { Tree } from "./tree";

export interface Mark {
  kind: Kind;
  line: number;
  left: number;
  right: number;
  failed: boolean;
  /** Whether the step is asked for. */
  asked: boolean;
}

export interface Strip {
  lines: number;
  marks: readonly Mark[];
  /** Where something failed. */
  failures: readonly number[];
}

/** More lanes than these share lines. */
const MOST = 12;

export function stripOf(tree: Tree, axis: Axis, matches: ReadonlySet<number> | null): Strip {
  const lines = new Map<number, number>();
  const marks: Mark[] = [];
  const failures: number[] = [];
  const edges = new Map<string, number>();
  for (const span of tree.spans) {
    if (tree.children(span.id).length > 0) {
      if (span.error !== null) failures.push(axis.x(tree.endOf(span)));
      continue;
    }
    if (!lines.has(span.lane)) lines.set(span.lane, lines.size % MOST);
    const line = lines.get(span.lane) ?? 0;
    const left = axis.x(span.start);
    const right = Math.max(left + 1, axis.x(tree.endOf(span)));
    const asked = matches === null || matches.has(span.id);
    const failed = span.error !== null;
    // What would be painted on the same pixels is left out.
    const key = `${line} ${asked} ${failed}`;
    if (right - (edges.get(key) ?? -Infinity) < 0.5) continue;
    edges.set(key, right);
    if (failed) failures.push((left + right) / 2);
    marks.push({ kind: span.kind, line, left, right, failed, asked });
  }
  return { lines: Math.max(1, Math.min(MOST, lines.size)), marks, failures };
}
