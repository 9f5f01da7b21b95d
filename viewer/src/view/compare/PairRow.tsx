import type { JSX } from "preact";
import type { Aligned, Pair } from "../../core/comparison";
import type { Details, Span } from "../../core/data";
import { compact, cost, duration } from "../../core/format";
import { Icon } from "../icons";
import { Line } from "../Text";
import { Severe } from "./Severe";
import { StepDiff } from "./StepDiff";
import type { Layout } from "./TextDiff";

export interface PairProps {
  pair: Pair;
  aligned: Aligned;
  /** What was said in the old and the new run. */
  details: readonly [Details, Details];
  layout: Layout;
  /** The change that is looked at, if it is one of this step. */
  at: number | null;
  open: boolean;
  viewed: boolean;
  onOpen: () => void;
  onViewed: () => void;
  go: (change: number | null) => void;
}

const SIGNS = { same: "", changed: "~", added: "+", removed: "−" };
const WORDS = { same: "equal", changed: "changed", added: "added", removed: "removed" };
const DEEPEST = 12;

/** A step of both runs in a line, and its differences below when it is open. */
export function PairRow(props: PairProps): JSX.Element {
  const { pair, aligned, open, viewed, at } = props;
  const span = pair.now ?? pair.old;
  if (span === null) return <></>;
  return (
    <article class="pair" data-pair={pair.index} data-state={pair.state} data-follows={pair.follows} data-here={at !== null} data-viewed={viewed}>
      <div class="pair-line">
        <button class="pair-open" aria-expanded={open} onClick={props.onOpen}>
          <span class="pair-number">{pair.old?.id}</span>
          <span class="pair-number">{pair.now?.id}</span>
          <span class="pair-sign">
            {SIGNS[pair.state]}
            <span class="unseen">{WORDS[pair.state]}</span>
          </span>
          <span class="pair-label" data-kind={span.kind} style={{ paddingLeft: `${Math.min(pair.depth, DEEPEST) * 14}px` }}>
            <Icon name={span.kind} label={span.kind} />
            <Line value={span.label} most={80} />
            <span class="pair-what">
              <Line value={told(pair, aligned)} />
            </span>
          </span>
          <Deltas pair={pair} />
        </button>
        <span class="pair-badges">
          <Severe severity={pair.severity} />
          {pair.changes.length > 0 && (
            <label class="pair-viewed" title="Viewed (v)">
              <input type="checkbox" checked={viewed} onChange={props.onViewed} />
              viewed
            </label>
          )}
        </span>
      </div>
      {open && <StepDiff {...props} />}
    </article>
  );
}

/** The changes in a few words. */
function told(pair: Pair, aligned: Aligned): string {
  const changes = pair.changes.flatMap((number) => aligned.change(number) ?? []);
  const [first] = changes;
  if (first === undefined) return "";
  const more = changes.length > 1 ? `, and ${changes.length - 1} more` : "";
  return `${first.what.slice(0, 120)}${more}`;
}

/** By how much tokens, cost and time are others. */
function Deltas({ pair: { old, now } }: { pair: Pair }): JSX.Element {
  const tokens = (span: Span | null) => (span?.usage == null || span.usage.input === null || span.usage.output === null ? null : span.usage.input + span.usage.output);
  return (
    <>
      <Delta name="tokens" old={tokens(old)} now={tokens(now)} figure={compact} one={old === null || now === null} />
      <Delta name="cost" old={old?.cost ?? null} now={now?.cost ?? null} figure={cost} least={LEAST} one={old === null || now === null} />
      <Delta name="time" old={old?.ms ?? null} now={now?.ms ?? null} figure={duration} one={old === null || now === null} />
    </>
  );
}

interface DeltaProps {
  name: string;
  old: number | null;
  now: number | null;
  figure: (value: number) => string;
  /** Less than this is not told in a list. */
  least?: number;
  /** Whether only one run has the step. */
  one: boolean;
}

const LEAST = 0.0001;

function Delta({ name, old, now, figure, least = 0, one }: DeltaProps): JSX.Element {
  const known = one ? (now ?? old) : old === null || now === null ? null : now - old;
  if (known === null || known === 0 || Math.abs(known) < least) return <span class="pair-delta" />;
  const sign = one ? (now === null ? "−" : "+") : known < 0 ? "−" : "+";
  const title = one ? `${name}: ${figure(known)}` : `${name}: ${figure(old ?? 0)} → ${figure(now ?? 0)}`;
  return (
    <span class="pair-delta" title={title}>
      {sign}
      {figure(Math.abs(known))}
    </span>
  );
}
