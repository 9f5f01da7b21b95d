import type { JSX } from "preact";
import type { Aligned } from "../../core/comparison";
import type { Comparison } from "../../core/data";
import { cost, count, counted, duration } from "../../core/format";
import { useNavigation } from "../hooks";
import { Icon } from "../icons";
import { Line } from "../Text";
import { LayoutChoice } from "./LayoutChoice";
import { Severe } from "./Severe";
import type { Layout } from "./TextDiff";

interface Props {
  aligned: Aligned;
  at: number | null;
  go: (change: number | null) => void;
  layout: Layout;
  onLayout: (layout: Layout) => void;
  folds: boolean;
  onFolds: (folds: boolean) => void;
  viewed: number;
}

/** What changed, in a few lines, and the way through it. */
export function Summary(props: Props): JSX.Element {
  const { aligned } = props;
  const { comparison } = aligned;
  return (
    <>
      <header class="compare-head">
        <First aligned={aligned} go={props.go} />
        <Totals comparison={comparison} />
        <Tools comparison={comparison} />
      </header>
      <Bar {...props} />
    </>
  );
}

function First({ aligned, go }: { aligned: Aligned; go: Props["go"] }): JSX.Element {
  const { head, first } = aligned.comparison;
  const change = aligned.change(first);
  const pair = aligned.pairOf(first);
  if (change === null) return <h2 class="compare-first">{aligned.differences.length === 0 ? "The runs do and say the same." : "No difference stands for itself."}</h2>;
  const step = pair?.now ?? pair?.old ?? null;
  return (
    <h2 class="compare-first">
      <Severe severity={change.severity} />
      <span>
        First difference:{" "}
        <button class="step-link" onClick={() => go(first)}>
          {pair?.now === null ? "old step" : "step"} {step?.id} <Line value={step?.label ?? ""} most={60} />
        </button>
        , <Line value={change.what} />
      </span>
      <span class="compare-follows">
        {counted(head.roots, "difference")} of its own, {count(head.downstream)} that {head.downstream === 1 ? "follows" : "follow"}
        {head.severity !== change.severity && <>, up to {head.severity}</>}
      </span>
    </h2>
  );
}

const METRICS: [name: string, told: string, figure: (value: number) => string][] = [
  ["llm_calls", "model calls", count],
  ["tool_calls", "tool calls", count],
  ["input_tokens", "tokens in", count],
  ["output_tokens", "tokens out", count],
  ["cached_tokens", "cached", count],
  ["cost_usd", "cost", cost],
  ["ms", "time", duration],
];

function Totals({ comparison }: { comparison: Comparison }): JSX.Element | null {
  if (Object.keys(comparison.metrics).length === 0) return null;
  return (
    <dl class="measures compare-totals">
      {METRICS.map(([name, told, figure]) => {
        const metric = Object.hasOwn(comparison.metrics, name) ? comparison.metrics[name] : undefined;
        if (metric === undefined || (metric.before === 0 && metric.after === 0)) return null;
        const { before, after, ratio } = metric;
        const word = (value: number | null) => (value === null ? "unknown" : figure(value));
        return (
          <div key={name} class="measure">
            <dt>{told}</dt>
            <dd>
              {before !== after && <span class="compare-before">{word(before)} → </span>}
              {word(after)} {ratio !== null && before !== after && <span class="compare-ratio">{percent(ratio)}</span>}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function percent(ratio: number): string {
  const percents = Math.round(ratio * 100);
  return `${percents > 0 ? "+" : percents < 0 ? "−" : "±"}${Math.abs(percents)} %`;
}

function Tools({ comparison: { added_tools, removed_tools } }: { comparison: Comparison }): JSX.Element | null {
  if (added_tools.length + removed_tools.length === 0) return null;
  return (
    <p class="compare-tools">
      {added_tools.length > 0 && "Tools called only now: "}
      {added_tools.map((name) => (
        <ins key={name}>
          <Line value={name} most={60} />
        </ins>
      ))}
      {removed_tools.length > 0 && "Tools no longer called: "}
      {removed_tools.map((name) => (
        <del key={name}>
          <Line value={name} most={60} />
        </del>
      ))}
    </p>
  );
}

function Bar({ aligned, at, go, layout, onLayout, folds, onFolds, viewed }: Props): JSX.Element {
  const navigation = useNavigation();
  const stops = aligned.pairs.filter((pair) => pair.changes.length > 0);
  const here = stops.findIndex((pair) => pair.index === aligned.pairOf(at)?.index);
  const [previous, next] = [aligned.next(at, -1, false), aligned.next(at, 1, false)];
  const { old, new: now } = aligned.comparison.head;
  return (
    <div class="detail-bar compare-bar">
      <button class="button quiet" disabled={previous === null} onClick={() => go(previous)} aria-label="Previous difference (p)" title="Previous difference (p)">
        <Icon name="up" />
      </button>
      <button class="button quiet" disabled={next === null} onClick={() => go(next)} aria-label="Next difference (n)" title="Next difference (n)">
        <Icon name="down" />
      </button>
      <span class="detail-count" role="status">
        {stops.length === 0 ? "no step differs" : `${here < 0 ? "" : `${here + 1} of `}${counted(stops.length, "step")} that ${stops.length === 1 ? "differs" : "differ"}`}
        {viewed > 0 && `, ${count(viewed)} viewed`}
      </span>
      <span class="detail-space" />
      <button class="button quiet" onClick={() => navigation.openRun(old)}>
        Old run
      </button>
      <button class="button quiet" onClick={() => navigation.openRun(now)}>
        New run
      </button>
      <button class="button" aria-pressed={folds} onClick={() => onFolds(!folds)} title="Fold equal steps (x)">
        Fold equal
      </button>
      <LayoutChoice layout={layout} onChange={onLayout} />
    </div>
  );
}
