/** The keys of the tree: from row to row, and along the ways through a run. */

import { endOf } from "../../core/axis";
import type { Span } from "../../core/data";
import type { Binding } from "../../core/keys";
import type { Folds, Row } from "../../core/rows";
import { isSame, nextStep } from "../../core/walk";
import { STEP, zoomed } from "../../core/zoom";
import { useNavigation } from "../hooks";
import type { RunState } from "./state";

export function movesOf(run: RunState, page: number): Binding[] {
  const { rows, tree, cursor, span, links, place } = run;
  const navigation = useNavigation();
  const row = rows.list[cursor];
  const to = (index: number) => {
    const next = rows.list[Math.min(rows.list.length - 1, Math.max(0, index))];
    if (next !== undefined) run.pick(next);
  };
  const by = (count: number) => to(cursor < 0 ? 0 : cursor + count);
  const toStep = (next: Span | null) => next !== null && run.go(next.id);
  const next = (direction: 1 | -1, holds: (span: Span) => boolean) => toStep(nextStep(tree, place.span, direction, (one) => run.asked(one.id) && holds(one)));
  const along = (forward: boolean) => {
    const found = place.span === null ? null : links.next(place.span, forward);
    if (found !== null) run.go(found);
  };
  const fold = (open: boolean) => row !== undefined && run.setFolds(folded(rows.folds, row, open));
  const travel = (direction: 1 | -1) => {
    const moment = run.moments.step(run.moment, place.span, direction, (one) => run.asked(one.span) && isWithin(one.at, place.range));
    if (moment !== null) navigation.change({ span: moment.span, at: moment.edge });
  };
  const zoom = (factor: number) => {
    const [from, to] = place.range ?? [0, tree.end];
    const centre = span === null ? (from + to) / 2 : Math.min(to, Math.max(from, (span.start + tree.endOf(span)) / 2));
    navigation.change({ range: zoomed(place.range, [0, tree.end], centre, factor) });
  };
  return [
    { keys: ["j", "ArrowDown"], what: "next row", group: "Rows", run: () => by(1) },
    { keys: ["k", "ArrowUp"], what: "previous row", group: "Rows", run: () => by(-1) },
    { keys: ["PageDown"], what: "a page down", group: "Rows", run: () => by(page) },
    { keys: ["PageUp"], what: "a page up", group: "Rows", run: () => by(-page) },
    { keys: ["Home"], what: "first row", group: "Rows", run: () => to(0) },
    { keys: ["End"], what: "last row", group: "Rows", run: () => to(rows.list.length - 1) },
    { keys: ["l", "ArrowRight"], what: "open, or into it", group: "Rows", run: () => (row?.expandable && !row.expanded ? fold(true) : row?.expanded && by(1)) },
    { keys: ["h", "ArrowLeft"], what: "close, or to what it is in", group: "Rows", run: () => (row?.expanded ? fold(false) : to(outer(rows.list, cursor))) },
    { keys: ["Enter", " "], what: "open or close", group: "Rows", run: () => row?.expandable && fold(!row.expanded) },
    { keys: ["E"], what: "open all", group: "Rows", run: () => run.setFolds(allOpen(run)) },
    { keys: ["C"], what: "close all", group: "Rows", run: () => run.setFolds(allClosed(run)) },
    { keys: ["u"], what: "parent", group: "Steps", run: () => toStep(span && tree.parent(span.id)) },
    { keys: ["t"], what: "next model call", group: "Steps", run: () => next(1, (one) => one.kind === "llm") },
    { keys: ["T"], what: "previous model call", group: "Steps", run: () => next(-1, (one) => one.kind === "llm") },
    { keys: ["s"], what: "next of the same name", group: "Steps", run: () => span && next(1, isSame(span)) },
    { keys: ["S"], what: "previous of the same name", group: "Steps", run: () => span && next(-1, isSame(span)) },
    { keys: ["e", "N"], what: "next error", group: "Steps", run: () => next(1, (one) => one.error !== null) },
    { keys: ["P"], what: "previous error", group: "Steps", run: () => next(-1, (one) => one.error !== null) },
    { keys: ["]"], what: "along a link", group: "Steps", run: () => along(true) },
    { keys: ["["], what: "back along a link", group: "Steps", run: () => along(false) },
    { keys: ["n"], what: "next event in time", group: "Time", run: () => travel(1) },
    { keys: ["p"], what: "previous event in time", group: "Time", run: () => travel(-1) },
    { keys: ["f"], what: "only the time of this step", group: "Time", run: () => row && navigation.change({ range: [row.span.start, Math.max(row.span.start + 1, endOf(tree, row))] }) },
    { keys: ["+", "="], what: "less of the time, around this step", group: "Time", run: () => zoom(1 / STEP) },
    { keys: ["-"], what: "more of the time", group: "Time", run: () => zoom(STEP) },
    { keys: ["0"], what: "all of the time", group: "Time", run: () => navigation.change({ range: null }) },
  ];
}

function isWithin(time: number, range: readonly [number, number] | null): boolean {
  return range === null || (time >= range[0] && time <= range[1]);
}

function folded({ closed, opened }: Folds, row: Row, open: boolean): Folds {
  const set = new Set(row.type === "group" ? opened : closed);
  if ((row.type === "group") === open) set.add(row.span.id);
  else set.delete(row.span.id);
  return row.type === "group" ? { closed, opened: set } : { closed: set, opened };
}

/** The row that a row is in. */
function outer(list: readonly Row[], cursor: number): number {
  const depth = list[cursor]?.depth ?? 0;
  for (let index = cursor - 1; index >= 0; index--) {
    if ((list[index]?.depth ?? 0) < depth) return index;
  }
  return Math.max(0, cursor);
}

function allOpen({ tree }: RunState): Folds {
  return { closed: new Set(), opened: new Set(tree.spans.map((span) => span.id)) };
}

/** All but the first level, so that there is something to see. */
function allClosed({ tree }: RunState): Folds {
  return { closed: new Set(tree.spans.filter((span) => tree.depth(span.id) > 0 || tree.roots.length > 1).map((span) => span.id)), opened: new Set() };
}
