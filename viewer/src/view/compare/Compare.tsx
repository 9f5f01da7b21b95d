import type { Comparison, Details } from "../../core/data";
import type { Tree } from "../../core/tree";

export interface CompareProps {
  comparison: Comparison;
  old: Tree;
  next: Tree;
  oldDetails: Details;
  nextDetails: Details;
}

/** Two runs, step by step. */
export function Compare({ comparison }: CompareProps) {
  return <section class="compare" aria-label="Comparison">{comparison.changes.length}</section>;
}
