/** How conversations stood at a moment of a run. */

import type { Details, Span } from "./data";
import type { Moment, Moments } from "./moments";

/** A conversation as far as it had gone. */
export interface Standing {
  /** The model call that was made last. */
  call: Span;
  answered: boolean;
  /** The steps that ended since, whose results are part of no call yet. */
  since: Span[];
  /** The steps that had begun since and not ended. */
  running: Span[];
}

/** The conversations beneath a step, or of the whole run, the one that was last at work first. */
export function conversations(moments: Moments, details: Details, root: Span | null, moment: Moment): Standing[] {
  const { tree } = moments;
  const beneath = (span: Span) => root === null || span.id === root.id || tree.ancestors(span.id).includes(root);
  const begun = tree.spans.filter((span) => moments.begun(span.id, moment) && beneath(span));
  const calls = begun.filter((span) => span.kind === "llm");
  const continued = new Set(calls.map((span) => details.spans[span.id]?.call?.before));
  const heads = calls.filter((span) => !continued.has(span.id)).reverse();
  const found = heads.map((call): Standing => ({ call, answered: moments.ended(call.id, moment), since: [], running: [] }));
  for (const step of begun) {
    if (step.kind !== "tool" && step.kind !== "retrieval") continue;
    const owner = found.find((standing) => goesOn(moments, standing, step));
    if (owner !== undefined) (moments.ended(step.id, moment) ? owner.since : owner.running).push(step);
  }
  return found;
}

/** Whether a step was taken after an answer, by the agent that got it. */
function goesOn({ tree }: Moments, { call, answered }: Standing, step: Span): boolean {
  return answered && step.start >= call.start + (call.ms ?? 0) && tree.agent(step.id) === tree.agent(call.id);
}

/** The last moment of a step and all beneath it; of the whole run where there is none. */
export function lastMoment(moments: Moments, span: Span | null): Moment | null {
  if (span === null) return moments.all.at(-1) ?? null;
  return moments.find(span.id, "end") ?? moments.all.at(-1) ?? null;
}
