import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Aligned, type Pair, type Row } from "../../core/comparison";
import type { Comparison, Details } from "../../core/data";
import { counted } from "../../core/format";
import { nameOf } from "../../core/notes";
import type { Tree } from "../../core/tree";
import { Viewed } from "../../core/viewed";
import { Lazy } from "../detail/Lazy";
import { Leaving } from "../detail/Leaving";
import { storage } from "../detail/notes";
import { useKeys, useNavigation, usePlace } from "../hooks";
import { PairRow } from "./PairRow";
import { Summary } from "./Summary";

export interface CompareProps {
  comparison: Comparison;
  old: Tree;
  next: Tree;
  oldDetails: Details;
  nextDetails: Details;
}

/** Two runs, step by step, the first difference open. */
export function Compare({ comparison, old, next, oldDetails, nextDetails }: CompareProps): JSX.Element {
  const aligned = useMemo(() => new Aligned(comparison, old, next), [comparison, old, next]);
  const { at, go, layout, setLayout } = useWay(aligned);
  const [folds, setFolds] = useState(true);
  const viewed = useViewed(old, next);
  const opened = useOpened(aligned, at);
  const rows = useMemo(() => aligned.rows(folds), [aligned, folds]);
  const place = useRef<HTMLDivElement>(null);
  useShown(place, aligned.pairOf(at), rows);
  const here = aligned.pairOf(at);
  useKeys([
    { keys: ["n"], what: "next difference", group: "Comparison", run: () => go(aligned.next(at, 1, false)) },
    { keys: ["p"], what: "previous difference", group: "Comparison", run: () => go(aligned.next(at, -1, false)) },
    { keys: ["N"], what: "next difference that follows from no other", group: "Comparison", run: () => go(aligned.next(at, 1, true)) },
    { keys: ["P"], what: "previous one of those", group: "Comparison", run: () => go(aligned.next(at, -1, true)) },
    { keys: ["x"], what: "fold or show equal steps", group: "Comparison", run: () => setFolds(!folds) },
    { keys: ["v"], what: "mark the step as viewed", group: "Comparison", run: () => here !== null && viewed.toggle(here) },
    { keys: ["o"], what: "open or close the step", group: "Comparison", run: () => here !== null && opened.toggle(here) },
    { keys: ["l"], what: "one column or two", group: "Comparison", run: () => setLayout(layout === "split" ? "unified" : "split") },
  ]);
  return (
    <section class="compare" aria-label="Comparison" data-scrolls tabIndex={0} ref={place}>
      <Leaving>
        <Summary aligned={aligned} at={at} go={go} layout={layout} onLayout={setLayout} folds={folds} onFolds={setFolds} viewed={viewed.count} />
        <div class="pairs">
          <Chunks rows={rows} at={here}>
            {(row) =>
              row.kind === "equal" ? (
                <Equal key={`equal ${row.pairs[0]?.index}`} pairs={row.pairs} draw={(pair) => draw(pair)} />
              ) : (
                draw(row.pair)
              )
            }
          </Chunks>
          {rows.length === 0 && <p class="detail-none">Neither run has a step.</p>}
        </div>
      </Leaving>
    </section>
  );

  function draw(pair: Pair): JSX.Element {
    return (
      <PairRow
        key={pair.index}
        pair={pair}
        aligned={aligned}
        details={[oldDetails, nextDetails]}
        layout={layout}
        at={here?.index === pair.index ? at : null}
        open={opened.has(pair)}
        viewed={viewed.has(pair)}
        onOpen={() => opened.toggle(pair)}
        onViewed={() => viewed.toggle(pair)}
        go={go}
      />
    );
  }
}

/** Which difference is looked at, and how. */
function useWay(aligned: Aligned) {
  const navigation = useNavigation();
  const { change, layout } = usePlace();
  const at = aligned.pairOf(change) === null ? aligned.comparison.first : change;
  return {
    at,
    go: (to: number | null) => to !== null && navigation.change({ change: to }),
    layout: layout ?? (window.innerWidth >= 1000 ? "split" : "unified"),
    setLayout: (one: "split" | "unified") => navigation.change({ layout: one }),
  };
}

/** The steps that are open: the one that is looked at, and those that the reader opened. */
function useOpened(aligned: Aligned, at: number | null) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const here = aligned.pairOf(at)?.index;
  useEffect(() => {
    if (here !== undefined) setOpen((before) => new Set(before).add(here));
  }, [here, at]);
  return {
    has: (pair: Pair) => open.has(pair.index),
    toggle: (pair: Pair) =>
      setOpen((before) => {
        const after = new Set(before);
        if (!after.delete(pair.index)) after.add(pair.index);
        return after;
      }),
  };
}

function useViewed(old: Tree, next: Tree) {
  const marks = useMemo(() => new Viewed(storage(), `${nameOf(old.run.head)} : ${nameOf(next.run.head)}`), [old, next]);
  const [, changed] = useState(0);
  return {
    count: marks.count,
    has: (pair: Pair) => marks.has(pair.index),
    toggle: (pair: Pair) => {
      marks.toggle(pair.index);
      changed((count) => count + 1);
    },
  };
}

/** Bring the step that is looked at into sight. */
function useShown(place: { current: HTMLElement | null }, pair: Pair | null, rows: readonly Row[]): void {
  const index = pair?.index;
  useEffect(() => {
    if (index === undefined) return;
    const row = place.current?.querySelector(`[data-pair="${index}"]`);
    row?.scrollIntoView({ block: "start" });
  }, [index, rows]);
}

const TOGETHER = 40;

/** Rows, drawn some at a time; those around the one that is looked at at once. */
function Chunks({ rows, at, children }: { rows: readonly Row[]; at: Pair | null; children: (row: Row) => JSX.Element }): JSX.Element {
  const starts = Array.from({ length: Math.ceil(rows.length / TOGETHER) }, (_, index) => index * TOGETHER);
  return (
    <>
      {starts.map((start) => {
        const chunk = rows.slice(start, start + TOGETHER);
        return (
          <Lazy key={start} height={chunk.length * 28} now={start === 0 || chunk.some((row) => row.kind === "pair" && row.pair.index === at?.index)}>
            {() => chunk.map(children)}
          </Lazy>
        );
      })}
    </>
  );
}

function Equal({ pairs, draw }: { pairs: readonly Pair[]; draw: (pair: Pair) => JSX.Element }): JSX.Element {
  const [open, setOpen] = useState(false);
  if (open) return <>{pairs.map(draw)}</>;
  return (
    <button class="diff-fold" onClick={() => setOpen(true)}>
      {counted(pairs.length, "equal step")}
    </button>
  );
}
