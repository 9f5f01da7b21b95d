import { Fragment, type JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Aligned, Pair } from "../../core/comparison";
import { answered, calledNames, turns } from "../../core/conversation";
import type { Change, Details, Json, Part, Span } from "../../core/data";
import { same } from "../../core/leaves";
import { contrast, definition, instructions, type Said } from "../../core/novelty";
import { partText } from "../../core/said";
import { Value } from "../detail/PartView";
import { TurnView } from "../detail/TurnView";
import { useNavigation } from "../hooks";
import { Icon } from "../icons";
import { Line } from "../Text";
import { ChangeView } from "./ChangeView";
import { LeafDiff, Leaves } from "./LeafDiff";
import { MessageDiff } from "./MessageDiff";
import type { PairProps } from "./PairRow";
import { Severe } from "./Severe";
import { type Layout, TextDiff } from "./TextDiff";

/** The differences of a step, one by one, and the whole of it where it is wanted. */
export function StepDiff({ pair, aligned, details, layout, at, go }: PairProps): JSX.Element {
  const [whole, setWhole] = useState(false);
  const alone = pair.old === null || pair.now === null;
  return (
    <div class="step-diff">
      {pair.changes.map((number) => (
        <ChangeSection key={number} number={number} aligned={aligned} layout={layout} here={number === at && pair.changes.length > 1} go={go} />
      ))}
      {alone && <Only pair={pair} details={details} />}
      {whole && <Whole pair={pair} details={details} layout={layout} />}
      <div class="step-ways">
        {!alone && (
          <button class="button quiet" aria-expanded={whole} onClick={() => setWhole(!whole)}>
            {whole ? "Differences only" : "The whole step"}
          </button>
        )}
        <Jump span={pair.old} run={aligned.comparison.head.old} word="old" />
        <Jump span={pair.now} run={aligned.comparison.head.new} word="new" />
      </div>
    </div>
  );
}

function Jump({ span, run, word }: { span: Span | null; run: string; word: string }): JSX.Element | null {
  const navigation = useNavigation();
  if (span === null) return null;
  return (
    <button class="button quiet" onClick={() => navigation.openRun(run, span.id)}>
      <Icon name="right" /> Step {span.id} in the {word} run
    </button>
  );
}

interface SectionProps {
  number: number;
  aligned: Aligned;
  layout: Layout;
  here: boolean;
  go: (change: number | null) => void;
}

function ChangeSection({ number, aligned, layout, here, go }: SectionProps): JSX.Element | null {
  const change = aligned.change(number);
  if (change === null) return null;
  return (
    <section class="change" data-here={here} data-follows={change.root !== null}>
      <h3>
        <Severe severity={change.severity} />
        <Line value={change.what} />
        {change.path !== "" && (
          <code class="change-path">
            <Line value={change.path} most={80} />
          </code>
        )}
        {number === aligned.comparison.first && <span class="badge">first difference</span>}
      </h3>
      {change.root !== null && <From change={change} root={change.root} aligned={aligned} go={go} />}
      <ChangeView change={change} layout={layout} />
      <Following number={number} aligned={aligned} go={go} />
    </section>
  );
}

/** What a change follows from. */
function From({ change, root, aligned, go }: { change: Change; root: number; aligned: Aligned; go: SectionProps["go"] }): JSX.Element {
  const first = aligned.change(root);
  return (
    <p class="change-from">
      {WORDS.get(change.follows ?? "")?.[0] ?? "follows from"} <StepLink number={root} aligned={aligned} go={go} />
      {first !== null && ": "}
      <Line value={first?.what ?? ""} most={120} />
    </p>
  );
}

/** Why a change follows from another, seen from it and from there. */
const WORDS = new Map([
  ["repeats", ["the same change as in", "the same change again"]],
  ["carries", ["handed on from", "handed on"]],
  ["answers", ["came of", "what came of it"]],
  ["after", ["taken after", "steps taken after it"]],
]);

/** What follows from a change, by why it does. */
function Following({ number, aligned, go }: { number: number; aligned: Aligned; go: SectionProps["go"] }): JSX.Element | null {
  const groups = [...aligned.following(number)];
  if (groups.length === 0) return null;
  return (
    <div class="following">
      <p>Followed from it:</p>
      <ul>
        {groups.map(([why, numbers]) => (
          <li key={why}>
            {WORDS.get(why ?? "")?.[1] ?? "what followed"}: <Places numbers={numbers} aligned={aligned} go={go} />
          </li>
        ))}
      </ul>
    </div>
  );
}

const MOST = 12;

function Places({ numbers, aligned, go }: { numbers: number[]; aligned: Aligned; go: SectionProps["go"] }): JSX.Element {
  const steps = new Map(numbers.map((number) => [aligned.pairOf(number)?.index, number]).reverse() as [number | undefined, number][]);
  const places = [...steps.values()].reverse();
  return (
    <>
      {places.slice(0, MOST).map((number, index) => (
        <Fragment key={number}>
          {index > 0 && ", "}
          <StepLink number={number} aligned={aligned} go={go} />
        </Fragment>
      ))}
      {places.length > MOST && ` and ${places.length - MOST} more`}
    </>
  );
}

function StepLink({ number, aligned, go }: { number: number; aligned: Aligned; go: SectionProps["go"] }): JSX.Element {
  const pair = aligned.pairOf(number);
  return (
    <button class="step-link" onClick={() => go(number)}>
      {pair?.now != null ? `step ${pair.now.id}` : pair?.old != null ? `old step ${pair.old.id}` : "the run"}
    </button>
  );
}

/** What a step did that only one run has. */
function Only({ pair, details }: { pair: Pair; details: readonly [Details, Details] }): JSX.Element | null {
  const span = pair.now ?? pair.old;
  const there = pair.now === null ? details[0] : details[1];
  const detail = there.spans[span?.id ?? 0];
  if (detail === undefined) return null;
  const said = detail.call === null ? [] : answered(detail.call, there);
  return (
    <div class="only" data-sign={pair.now === null ? "-" : "+"}>
      {said.map((turn) => (
        <TurnView key={turn.number} turn={turn} look="markdown" names={calledNames(said)} />
      ))}
      {detail.call === null && (
        <>
          <h4>In</h4>
          <Value value={detail.input} label="Input" />
          <h4>Out</h4>
          <Value value={detail.output} label="Output" />
        </>
      )}
    </div>
  );
}

/** All of a step, with what changed in its place. */
function Whole({ pair, details, layout }: { pair: Pair; details: readonly [Details, Details]; layout: Layout }): JSX.Element {
  const [old, now] = [details[0].spans[pair.old?.id ?? 0], details[1].spans[pair.now?.id ?? 0]];
  if (old?.call?.request != null && now?.call?.request != null) return <Calls old={{ call: old.call, details: details[0] }} now={{ call: now.call, details: details[1] }} layout={layout} />;
  return (
    <section class="change">
      <h3>In</h3>
      <LeafOrSame old={old?.input ?? null} now={now?.input ?? null} layout={layout} />
      <h3>Out</h3>
      <LeafOrSame old={old?.output ?? null} now={now?.output ?? null} layout={layout} />
    </section>
  );
}

function LeafOrSame({ old, now, layout }: { old: Json; now: Json; layout: Layout }): JSX.Element {
  if (same(old, now)) return <Value value={now} label="Value" />;
  return <LeafDiff old={old} now={now} layout={layout} />;
}

function Calls({ old, now, layout }: { old: Said; now: Said; layout: Layout }): JSX.Element {
  const found = useMemo(() => contrast(old, now), [old.call, now.call]);
  const names = useMemo(() => calledNames(turns(now.call, now.details)), [now.call]);
  return (
    <div class="whole">
      <SystemDiff old={old} now={now} layout={layout} />
      <MessageDiff found={found.messages} layout={layout} names={names} />
      {found.answers.length > 0 && <h4>Answer</h4>}
      <MessageDiff found={found.answers} layout={layout} names={names} />
      {found.tools.map((tool) => (
        <section key={tool.name} class="change">
          <h3>
            Tool{" "}
            <code>
              <Line value={tool.name} />
            </code>
          </h3>
          <LeafDiff old={definition(tool.old)} now={definition(tool.now)} layout={layout} />
        </section>
      ))}
      {found.parameters.length > 0 && (
        <section class="change">
          <h3>Parameters</h3>
          <Leaves leaves={found.parameters} layout={layout} />
        </section>
      )}
    </div>
  );
}

function SystemDiff({ old, now, layout }: { old: Said; now: Said; layout: Layout }): JSX.Element | null {
  const [before, after] = [old, now].map((said) => told(instructions(said)));
  if (before === after || before === undefined || after === undefined) return null;
  return (
    <section class="change">
      <h3>System prompt</h3>
      <TextDiff old={before} now={after} layout={layout} />
    </section>
  );
}

const told = (parts: readonly Part[]) => parts.map(partText).join("\n\n");
