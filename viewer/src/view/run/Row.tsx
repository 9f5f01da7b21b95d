import type { LinkKind, Span } from "../../core/data";
import { counted, duration, line } from "../../core/format";
import { isCutOff, KIND_NAMES } from "../../core/kinds";
import type { Row } from "../../core/rows";
import { costTitle, costWord, tokensTitle, tokensWord } from "../../core/sums";
import { sumOf, type Total, type Tree } from "../../core/tree";
import { Icon } from "../icons";
import { Line } from "../Text";
import { ROW } from "./scene";

export interface RowProps {
  row: Row;
  index: number;
  tree: Tree;
  selected: boolean;
  /** Whether the tab key leads here. */
  entry: boolean;
  /** By what it is linked to the selected step. */
  linked: LinkKind | null;
  /** Whether it comes after the moment that the reader has travelled to. */
  later: boolean;
  /** Whether a reader noted something about it. */
  noted: boolean;
  /** Whether tasks ran side by side, so that it matters in which one this did. */
  lanes: boolean;
  onPick: (row: Row) => void;
  onToggle: (row: Row) => void;
  onZoom: (row: Row) => void;
}

/** Deeper than this, rows do not move further to the right. */
const DEEPEST = 16;
const INDENT = 14;
/** Where the icon stands of a row that cannot be opened. */
const CARET = 22;

export function RowLine({ row, index, tree, selected, entry, linked, later, noted, lanes, onPick, onToggle, onZoom }: RowProps) {
  const { span } = row;
  const total = row.type === "group" ? sumOf(row.spans.map((one) => tree.total(one.id))) : tree.total(span.id);
  const time = spoken(span, tree) + (lanes ? `, lane ${span.lane}` : "");
  return (
    <div
      class="row"
      role="row"
      id={`row-${row.key}`}
      data-kind={span.kind}
      data-failed={total.errors > 0}
      data-aside={later || (row.type === "step" && !row.matched)}
      aria-rowindex={index + 2}
      aria-level={row.depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={row.expandable ? row.expanded : undefined}
      aria-selected={selected}
      tabIndex={entry ? 0 : -1}
      style={{ top: `${index * ROW}px` }}
      onClick={() => onPick(row)}
      onDblClick={() => onZoom(row)}
    >
      <div class="row-step" role="gridcell" style={{ paddingLeft: `${Math.min(row.depth, DEEPEST) * INDENT + (row.expandable ? 4 : CARET)}px` }}>
        {row.expandable && <Caret row={row} onToggle={onToggle} />}
        <Icon name={span.kind} label={KIND_NAMES[span.kind]} />
        <bdi class="row-label">{line(span.label)}</bdi>
        {row.type === "group" && <span class="row-times">× {row.spans.length}</span>}
        <Signs row={row} total={total} linked={linked} noted={noted} />
        {row.type === "step" && span.preview !== "" && <bdi class="row-preview">{line(span.preview, 110)}</bdi>}
      </div>
      <Sum word={tokensWord(total)} title={() => tokensTitle(total)} beneath={total.spans > 1} name="tokens" />
      <Sum word={costWord(total)} title={() => costTitle(total)} beneath={total.spans > 1} name="cost" />
      <div class="row-time" role="gridcell" aria-label={time} title={time} />
    </div>
  );
}

function Caret({ row, onToggle }: Pick<RowProps, "row" | "onToggle">) {
  const toggle = (event: Event) => {
    event.stopPropagation();
    onToggle(row);
  };
  // The row itself says whether it is open, and the arrow keys open it.
  return (
    <span class="row-caret" data-open={row.expanded} aria-hidden onClick={toggle} onDblClick={(event) => event.stopPropagation()}>
      <Icon name="right" />
    </span>
  );
}

/** What is not as usual. */
function Signs({ row, total, linked, noted }: { row: Row; total: Total } & Pick<RowProps, "linked" | "noted">) {
  const { span } = row;
  const own = row.type === "step" ? span.error : null;
  const inside = total.errors - (own === null ? 0 : 1);
  return (
    <>
      {linked !== null && (
        <span class="row-linked">
          <Icon name={linked} />
          {linked}
        </span>
      )}
      {noted && (
        <span class="row-noted">
          <Icon name="note" label="has a note" />
        </span>
      )}
      {own !== null && (
        <span class="badge" data-tone="error" title={line(`${own.type}: ${own.message}`)}>
          <Icon name="error" />
          <Line value={own.type.replace(/^builtins\./, "")} most={40} />
        </span>
      )}
      {inside > 0 && (
        <span class="row-inside" title={`${counted(inside, "error")} beneath`}>
          <Icon name="error" />
          {inside} <span class="unseen">{inside === 1 ? "error" : "errors"} beneath</span>
        </span>
      )}
      {row.type === "step" && span.attempts > 1 && (
        <span class="badge">
          <Icon name="retry" />
          {span.attempts} tries
        </span>
      )}
      {row.type === "step" && isCutOff(span) && (
        <span class="badge" data-tone="warn">
          <Icon name="warning" />
          <Line value={span.finish ?? ""} most={24} />
        </span>
      )}
      {span.ms === null && (
        <span class="badge" data-tone="ok">
          <Icon name="running" />
          running
        </span>
      )}
    </>
  );
}

function Sum({ word, title, beneath, name }: { word: string; title: () => string; beneath: boolean; name: "tokens" | "cost" }) {
  if (word === "") return <div class={`row-sum row-${name}`} role="gridcell" />;
  return (
    <div class={`row-sum row-${name}`} role="gridcell" title={title()}>
      {beneath && <span class="dim">Σ </span>}
      {word}
      {name === "tokens" && <span class="unseen"> tokens</span>}
    </div>
  );
}

function spoken(span: Span, tree: Tree): string {
  const took = span.ms === null ? `running for ${duration(tree.endOf(span) - span.start)}` : `took ${duration(span.ms)}`;
  const first = span.first === null ? "" : `, first token after ${duration(span.first)}`;
  return `at ${duration(span.start)}, ${took}${first}`;
}
