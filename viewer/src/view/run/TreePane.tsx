import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { endOf } from "../../core/axis";
import type { LinkKind } from "../../core/data";
import { counted } from "../../core/format";
import { strandsOf } from "../../core/lanes";
import type { Row } from "../../core/rows";
import { STEP, zoomed } from "../../core/zoom";
import { useSize } from "../canvas";
import { useNoted } from "../detail/notes";
import { useKeys, useNavigation } from "../hooks";
import { Splitter } from "../Splitter";
import { drawnRows, useDrawn, usePrinting } from "./drawn";
import { movesOf } from "./moves";
import { usePainter } from "./painter";
import { RowLine } from "./Row";
import { HEAD, railWidth, ROW } from "./scene";
import type { RunState } from "./state";

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
        onWheel={(event) => {
          if (!event.ctrlKey) return;
          event.preventDefault();
          const at = painter.timeAt(event.clientX - event.currentTarget.getBoundingClientRect().left - text);
          navigation.change({ range: zoomed(run.place.range, [0, tree.end], at, event.deltaY < 0 ? 1 / STEP : STEP) });
        }}
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

function toggled({ rows }: RunState, row: Row) {
  const { closed, opened } = rows.folds;
  const flip = (set: ReadonlySet<number>) => {
    const next = new Set(set);
    if (!next.delete(row.span.id)) next.add(row.span.id);
    return next;
  };
  return row.type === "group" ? { closed, opened: flip(opened) } : { closed: flip(closed), opened };
}

/** The rows at the other ends of the links of the selected step. */
function linkedRows({ links, place, rows }: RunState): Map<string, LinkKind> {
  const found = new Map<string, LinkKind>();
  if (place.span === null) return found;
  for (const link of [...links.in(place.span), ...links.out(place.span)]) {
    const row: Row | undefined = rows.list[rows.indexOf(link.from === place.span ? link.to : link.from)];
    if (row !== undefined && row.span.id !== place.span && !found.has(row.key)) found.set(row.key, link.kind);
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
