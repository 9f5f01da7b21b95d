import type { Details, Span } from "../../core/data";
import type { Moment, Moments } from "../../core/moments";
import type { Tree } from "../../core/tree";
import { Line } from "../Text";

export interface DetailProps {
  tree: Tree;
  /** All that was said in the run; null until it is loaded, which begins after the first picture. */
  details: Details | null;
  /** Why it could not be loaded. */
  problem: string | null;
  /** The selected step. */
  span: Span | null;
  /** While the reader travels through time, where they are; `moments.standing(moment)` tells how the conversation stood. */
  moment: Moment | null;
  moments: Moments;
}

/** The selected step in full. */
export function Detail({ span }: DetailProps) {
  return (
    <section class="detail" aria-label="Step">
      {span === null ? <p class="detail-none">No step is selected.</p> : <Line value={span.name} />}
    </section>
  );
}
