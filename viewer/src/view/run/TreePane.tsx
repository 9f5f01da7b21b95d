import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Axis, endOf, timesOf, type Times } from "../../core/axis";
import type { Link } from "../../core/data";
import { counted } from "../../core/format";
import { strandsOf } from "../../core/lanes";
import type { Row } from "../../core/rows";
import { prepared, useSize } from "../canvas";
import { useColours } from "../colours";
import { useNoted } from "../detail/notes";
import { useKeys, useNavigation } from "../hooks";
import { Splitter } from "../Splitter";
import { LANE, paint, paintHead, railWidth, ROW, type Scene } from "./paint";
import { RowLine } from "./Row";
import { movesOf } from "./moves";
import type { RunState } from "./state";

/** Rows that are drawn beyond what is seen, so that scrolling finds them there. */
const BEYOND = 8;
/** When scrolling pauses for so long, in milliseconds, it is over. */
const SETTLED = 80;
const HEAD = 26;
/** On paper there are all rows, up to so many: a canvas has an end. */
const PRINTED = 1000;

export function TreePane({ run }: { run: RunState }) {
  const { rows, cursor, tree, links } = run;
  const scroller = useRef<HTMLDivElement>(null);
  const top = useRef(0);
  const size = useSize(scroller);
  const [width, setWidth] = useState(0.52);
  const tall = Math.max(0, size.height - HEAD);
  const printing = usePrinting();
  const drawn = useDrawn();
  const first = printing ? 0 : Math.min(drawn.first, Math.max(0, rows.list.length - 1));
  const last = Math.min(rows.list.length, printing ? PRINTED : drawn.first + Math.ceil(tall / ROW) + drawn.more);
  const text = Math.round(Math.max(220, Math.min(size.width - 160, size.width * width)));
  const shown = useMemo(() => drawnRows(rows.list, first, last, cursor), [rows, first, last, cursor]);
  const noted = useNoted(tree.run.head);
  const strands = useMemo(() => strandsOf(rows.list), [rows]);
  const linked = useMemo(() => linkedRows(run), [links, run.place.span, rows]);
  const painter = usePainter(run, { top, printing, first, last, left: text, width: size.width, tall, strands });
  const onScroll = () => {
    // Read here, where the page is laid out; to ask again while painting would have it laid out anew.
    top.current = scroller.current?.scrollTop ?? 0;
    drawn.follow(top.current);
    painter.request();
  };
  useCursorInSight(scroller, cursor, tall);
  useFocusWithCursor(scroller, rows.list[cursor]);
  useKeys(movesOf(run, Math.max(1, Math.floor(tall / ROW) - 1)));
  const navigation = useNavigation();
  const zoom = (row: Row) => navigation.change({ range: [row.span.start, Math.max(row.span.start + 1, endOf(tree, row))] });
  const toggle = (row: Row) => run.setFolds(toggled(run, row));
  return (
    <div class="tree-pane" data-sums={text > 400 ? 2 : text > 290 ? 1 : 0} style={{ "--text-width": `${text}px`, "--rail": `${railWidth(strands)}px` }}>
      <div
        class="tree"
        ref={scroller}
        role="treegrid"
        aria-label="Steps"
        aria-rowcount={rows.list.length + 1}
        aria-colcount={4}
        onScroll={onScroll}
        onPointerMove={(event) => painter.hover(event.clientX - event.currentTarget.getBoundingClientRect().left - text)}
        onPointerLeave={() => painter.hover(null)}
      >
        <div class="tree-head" role="row" aria-rowindex={1}>
          <div role="columnheader">Step</div>
          <div role="columnheader" class="tree-head-sum row-tokens">
            Tokens
          </div>
          <div role="columnheader" class="tree-head-sum row-cost">
            Cost
          </div>
          <div role="columnheader" class="tree-head-time">
            <span class="unseen">Time</span>
            <canvas ref={painter.head} aria-hidden />
          </div>
        </div>
        <div class="tree-body" role="rowgroup" style={{ height: `${(printing ? last : rows.list.length) * ROW}px` }}>
          <canvas class="tree-canvas" ref={painter.body} aria-hidden style={{ top: `${first * ROW}px` }} />
          {shown.map((index) => {
            const row = rows.list[index];
            if (row === undefined) return null;
            return (
              <RowLine
                key={row.key}
                row={row}
                index={index}
                tree={tree}
                selected={index === cursor}
                entry={index === Math.max(0, cursor)}
                linked={linked.get(row.key) ?? null}
                later={run.moment !== null && !run.moments.begun(row.span.id, run.moment)}
                noted={(row.type === "group" ? row.spans : [row.span]).some((span) => noted.has(span.id))}
                lanes={strands.size > 1}
                onPick={run.pick}
                onToggle={toggle}
                onZoom={zoom}
              />
            );
          })}
        </div>
        {printing && last < rows.list.length && <p class="tree-none">{counted(rows.list.length - last, "more row")} not printed.</p>}
        {rows.list.length === 0 && <p class="tree-none">{tree.spans.length === 0 ? "Nothing was recorded in this run." : "No step is like that."}</p>}
      </div>
      <Splitter label="Width of the tree" value={text} least={220} most={Math.max(220, size.width - 160)} onChange={(next) => setWidth(next / Math.max(1, size.width))} />
    </div>
  );
}

/**
 * Which rows are drawn. While they go by row by row, some more on both sides, so that most steps find them there; while they go by in
 * screens, none but those that are seen, as none of the others would be.
 */
function useDrawn() {
  const [drawn, setDrawn] = useState({ first: 0, more: 2 * BEYOND });
  const last = useRef(0);
  const settling = useRef<ReturnType<typeof setTimeout>>(undefined);
  const around = (row: number) => {
    const first = Math.max(0, (Math.floor(row / BEYOND) - 1) * BEYOND);
    setDrawn((was) => (was.first === first && was.more === 3 * BEYOND ? was : { first, more: 3 * BEYOND }));
  };
  const follow = (top: number) => {
    const row = Math.floor(top / ROW);
    const hurried = Math.abs(row - last.current) > BEYOND;
    last.current = row;
    clearTimeout(settling.current);
    if (!hurried) return around(row);
    setDrawn({ first: row, more: 1 });
    settling.current = setTimeout(() => around(row), SETTLED);
  };
  useEffect(() => () => clearTimeout(settling.current), []);
  return { ...drawn, follow };
}

function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const [begin, end] = [() => setPrinting(true), () => setPrinting(false)];
    addEventListener("beforeprint", begin);
    addEventListener("afterprint", end);
    return () => {
      removeEventListener("beforeprint", begin);
      removeEventListener("afterprint", end);
    };
  }, []);
  return printing;
}

/** Those in the window, and the one that has the focus, wherever it is: the focus must not be lost by scrolling. */
function drawnRows(list: readonly Row[], first: number, last: number, cursor: number): number[] {
  const drawn = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
  const entry = Math.max(0, cursor);
  if (list.length > 0 && (entry < first || entry >= last)) drawn.push(entry);
  return drawn;
}

function toggled({ rows }: RunState, row: Row) {
  const { closed, opened } = rows.folds;
  const flip = (set: ReadonlySet<number>) => {
    const next = new Set(set);
    if (!next.delete(row.span.id)) next.add(row.span.id);
    return next;
  };
  return row.type === "group" ? { closed, opened: flip(opened) } : { closed: flip(closed), opened };
}

function linkedRows({ links, place, rows }: RunState): Map<string, { kind: Link["kind"]; to: boolean }> {
  const found = new Map<string, { kind: Link["kind"]; to: boolean }>();
  if (place.span === null) return found;
  for (const link of [...links.in(place.span), ...links.out(place.span)]) {
    const to: boolean = link.from === place.span;
    const row: Row | undefined = rows.list[rows.indexOf(to ? link.to : link.from)];
    if (row !== undefined && row.span.id !== place.span) found.set(row.key, { kind: link.kind, to });
  }
  return found;
}

function useCursorInSight(scroller: { current: HTMLDivElement | null }, cursor: number, tall: number): void {
  useLayoutEffect(() => {
    const node = scroller.current;
    if (node === null || cursor < 0 || tall <= 0) return;
    const [top, bottom] = [cursor * ROW, (cursor + 1) * ROW];
    if (top < node.scrollTop + ROW) node.scrollTop = top - ROW;
    else if (bottom > node.scrollTop + tall - ROW) node.scrollTop = bottom - tall + ROW;
  }, [cursor, tall > 0]);
}

/** While the focus is in the tree, it goes where the reader goes. */
function useFocusWithCursor(scroller: { current: HTMLDivElement | null }, row: Row | undefined): void {
  const key = row?.key;
  // Asked before the rows change: the one that has the focus may be about to go.
  const inside = scroller.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (key !== undefined && inside) scroller.current?.querySelector<HTMLElement>(`#row-${key}`)?.focus({ preventScroll: true });
  }, [key]);
}

interface Layout {
  /** How far it is scrolled. */
  top: { readonly current: number };
  printing: boolean;
  first: number;
  last: number;
  /** Where the waterfall begins, and where it ends. */
  left: number;
  width: number;
  tall: number;
  strands: Scene["strands"];
}

/** Paints when something has changed, at most once a frame; while the axis moves to where it should be, every frame. */
function usePainter(run: RunState, layout: Layout) {
  const head = useRef<HTMLCanvasElement>(null);
  const body = useRef<HTMLCanvasElement>(null);
  const colours = useColours();
  const state = useRef({ frame: 0, hover: null as number | null, times: null as Times | null, draw: () => {} });
  const calm = useMemo(() => matchMedia("(prefers-reduced-motion: reduce)"), []);
  const { tree, rows, place } = run;
  const request = () => {
    state.current.frame ||= requestAnimationFrame(() => {
      state.current.frame = 0;
      state.current.draw();
    });
  };
  state.current.draw = () => {
    const { first, last, left, width, strands } = layout;
    const across = width - left;
    if (head.current === null || body.current === null || across <= 0) return;
    const target = targetTimes(run, layout);
    const now = calm.matches || layout.printing ? target : nearer(state.current.times, target);
    state.current.times = now;
    const axis = new Axis(now, railWidth(strands) + LANE, across - 70, run.squeeze);
    const scene: Scene = { tree, rows, axis, colours, strands, links: drawnLinks(run, first, last), selected: place.span, moment: run.moment, moments: run.moments, hover: state.current.hover };
    const brush = prepared(body.current, across, (last - first) * ROW);
    if (brush !== null) paint(brush, scene, { first, last, width: across });
    const marks = prepared(head.current, across, HEAD - 1);
    if (marks !== null) paintHead(marks, scene, across, HEAD - 1);
    // Whoever waits for the axis to come to rest sees it here.
    head.current.dataset["times"] = now === target ? now.join("-") : "";
    if (now !== target) request();
  };
  useLayoutEffect(() => state.current.draw(), [layout.first, layout.last, layout.left, layout.width, layout.tall]);
  useLayoutEffect(request);
  useEffect(() => () => cancelAnimationFrame(state.current.frame), []);
  return {
    head,
    body,
    request,
    hover: (x: number | null) => {
      const at = x !== null && x >= 0 ? x : null;
      if (at === state.current.hover) return;
      state.current.hover = at;
      request();
    },
  };
}

/** The times that should be shown. */
function targetTimes({ tree, rows, place, span }: RunState, { top, tall, printing }: Layout): Times {
  const whole: Times = [0, Math.max(1, tree.end)];
  if (place.axis === "whole" || printing) return whole;
  if (place.axis === "selection") {
    if (place.range !== null) return place.range;
    if (span === null) return whole;
    return [span.start, Math.max(span.start + 1, tree.total(span.id).end)];
  }
  const seen = rows.list.slice(Math.floor((top.current + 4) / ROW), Math.ceil((top.current + tall - 4) / ROW));
  return timesOf(tree, seen, place.range);
}

/** A part of the way; the goal itself when it is near. */
function nearer(from: Times | null, to: Times): Times {
  if (from === null) return to;
  const near = (to[1] - to[0]) / 400;
  if (Math.abs(from[0] - to[0]) < near && Math.abs(from[1] - to[1]) < near) return to;
  return [from[0] + (to[0] - from[0]) * 0.3, from[1] + (to[1] - from[1]) * 0.3];
}

/** Those of the selected step, and retries and fallbacks that are in sight. */
function drawnLinks({ links, place, rows }: RunState, first: number, last: number): Link[] {
  const chosen = place.span === null ? [] : [...links.in(place.span), ...links.out(place.span)];
  const others = rows.list
    .slice(first, last)
    .flatMap((row) => links.out(row.span.id))
    .filter((link) => (link.kind === "retry" || link.kind === "fallback") && !chosen.includes(link));
  return [...others, ...chosen];
}
