/** A stretch of time made longer or shorter. */

import type { Times } from "./axis";

/** How much one step changes. */
export const STEP = 1.5;

/** The range that is `factor` times as long, with `at` where it was; null where that is the whole run. Shorter than a millisecond there is nothing. */
export function zoomed(range: Times | null, whole: Times, at: number, factor: number): Times | null {
  const [from, to] = range ?? whole;
  const length = Math.max(1, (to - from) * factor);
  // In and out again is where it began, however floats round.
  if (length >= (whole[1] - whole[0]) * (1 - 1e-6)) return null;
  const part = to > from ? Math.min(1, Math.max(0, (at - from) / (to - from))) : 0.5;
  const start = Math.min(whole[1] - length, Math.max(whole[0], at - part * length));
  return [start, start + length];
}
