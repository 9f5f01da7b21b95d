/** Tasks and threads side by side: which column each has in the rail beside the tree. */

import type { Row } from "./rows";

export interface Strand {
  lane: number;
  /** The column, from 0. Lanes that never stand side by side share one. */
  column: number;
  /** Its first and last row. */
  from: number;
  to: number;
  /** The lane that its first step was begun from, if it is in sight. */
  parent: number | null;
}

/** More columns than these are drawn on top of each other. */
export const COLUMNS = 6;

export function strandsOf(rows: readonly Row[]): Map<number, Strand> {
  const strands = new Map<number, Strand>();
  const above: number[] = [];
  rows.forEach((row, index) => {
    const { lane } = row.span;
    const there = strands.get(lane);
    if (there === undefined) strands.set(lane, { lane, column: 0, from: index, to: index, parent: above[row.depth - 1] ?? null });
    else there.to = index;
    above[row.depth] = lane;
    above.length = row.depth + 1;
  });
  arrange([...strands.values()]);
  return strands;
}

/** The first column that is free when a lane begins. Strands come in the order in which they begin. */
function arrange(strands: readonly Strand[]): void {
  const taken: number[] = [];
  for (const strand of strands) {
    const free = taken.findIndex((last) => last < strand.from);
    strand.column = Math.min(COLUMNS - 1, free < 0 ? taken.length : free);
    taken[strand.column] = Math.max(strand.to, taken[strand.column] ?? -1);
  }
}
