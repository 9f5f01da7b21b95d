/** Ways through a run that are not the order of rows: the next error, the next of the same name, the next model call. */

import type { Span } from "./data";
import type { Tree } from "./tree";

/** The next step in start order for which something holds, after the selected one or, walking back, before it. */
export function nextStep(tree: Tree, selected: number | null, by: 1 | -1, holds: (span: Span) => boolean): Span | null {
  const { spans } = tree;
  const start = selected === null ? (by > 0 ? -1 : spans.length) : tree.indexOf(selected);
  for (let index = start + by; index >= 0 && index < spans.length; index += by) {
    const span = spans[index];
    if (span !== undefined && holds(span)) return span;
  }
  return null;
}

export function isSame(a: Span): (b: Span) => boolean {
  return (b) => a.kind === b.kind && a.label === b.label;
}
