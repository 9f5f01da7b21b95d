/** What the panes of a run share: all that follows from the run, the place and what the reader has opened and closed. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Details, Run, Span } from "../../core/data";
import { facetsOf, type Facets } from "../../core/facets";
import { Filter, FilterError, parseFilter } from "../../core/filter";
import { Links } from "../../core/links";
import { Moments, type Moment } from "../../core/moments";
import type { Place } from "../../core/place";
import { Rows, revealing, UNTOUCHED, type Folds, type Row } from "../../core/rows";
import { AS_IT_WAS, squeezed, type Squeeze } from "../../core/squeeze";
import { Texts } from "../../core/texts";
import { Tree } from "../../core/tree";
import { useLoaded, useNavigation, usePage, usePlace, type Loaded } from "../hooks";

export interface RunState {
  tree: Tree;
  place: Place;
  moments: Moments;
  moment: Moment | null;
  links: Links;
  squeeze: Squeeze;
  facets: Facets;
  filter: Filter;
  /** What is wrong with the filter; while something is, the last one that was right holds. */
  problem: FilterError | null;
  rows: Rows;
  details: Loaded<Details>;
  /** The row that the reader is on; -1 for none. */
  cursor: number;
  span: Span | null;
  /** Go to a row. */
  pick: (row: Row) => void;
  /** Go to a step, wherever it is folded away. */
  go: (span: number | null) => void;
  setFolds: (folds: Folds) => void;
  /** Whether a step was asked for. */
  asked: (id: number) => boolean;
}

const EVERYTHING = new Filter([]);

export function useRun(run: Run): RunState {
  const navigation = useNavigation();
  const place = usePlace();
  const tree = useTree(run);
  const moments = useMemo(() => new Moments(tree), [tree]);
  const links = useMemo(() => new Links(tree), [tree]);
  const squeeze = useMemo(() => (place.gaps ? squeezed(tree) : AS_IT_WAS), [tree, place.gaps]);
  const details = useDetails(run);
  const texts = useMemo(() => (details.state === "there" ? new Texts(details.value) : null), [details]);
  const { filter, problem } = useFilter(place.filter);
  const needed = filter.reads ? texts : null;
  const facets = useMemo(() => facetsOf(tree, { filter, range: place.range }, (id) => links.kinds(id), needed), [tree, filter, place.range, links, needed]);
  const [folds, setFolds] = useFolds(facets.matches === null ? "" : `${place.filter}|${place.range?.join("-")}`);
  const rows = useMemo(() => new Rows(tree, folds, facets.matches), [tree, folds, facets.matches]);
  const span = tree.find(place.span);
  const [picked, setPicked] = useState<{ key: string; span: number } | null>(null);
  const own = picked !== null && picked.span === place.span ? rows.indexOfKey(picked.key) : -1;
  const reveal = (id: number) => {
    if (!rows.has(id) && (facets.matches === null || facets.matches.has(id))) setFolds(revealing(tree, folds, id));
  };
  const mine = useRef<number | null>(null);
  useEffect(() => {
    if (place.span !== null && place.span !== mine.current) reveal(place.span);
    mine.current = place.span;
  }, [place.span]);
  return {
    tree,
    place,
    moments,
    moment: moments.find(place.span, place.at),
    links,
    squeeze,
    facets,
    filter,
    problem,
    rows,
    details,
    cursor: own >= 0 ? own : rows.indexOf(place.span),
    span,
    pick: (row) => {
      mine.current = row.span.id;
      setPicked({ key: row.key, span: row.span.id });
      navigation.select(row.span.id);
    },
    go: (id) => {
      setPicked(null);
      navigation.select(id);
      if (id !== null) reveal(id);
    },
    setFolds,
    asked: (id) => facets.matches === null || facets.matches.has(id),
  };
}

/** A run that is not over grows four times a second. */
function useTree(run: Run): Tree {
  const { bundle } = useNavigation();
  const grows = bundle.live && run.head.running && run.spans.some((span) => span.ms === null);
  const [now, setNow] = useState(0);
  useEffect(() => {
    if (!grows) return;
    const began = Date.parse(run.head.recorded ?? "");
    const seen = new Tree(run).end;
    const opened = Date.now();
    const tick = () => setNow(Math.max(seen + Date.now() - opened, sinceThen(began, seen)));
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [run, grows]);
  return useMemo(() => new Tree(run, grows ? now : 0), [run, grows, now]);
}

const DAY = 86_400_000;

/** How long ago a run began, if the clock that said so can be believed. */
function sinceThen(began: number, seen: number): number {
  const passed = Date.now() - began;
  return passed >= seen && passed < seen + DAY ? passed : 0;
}

/** What was said is loaded when the browser has nothing better to do. */
function useDetails(run: Run): Loaded<Details> {
  const { shelf } = usePage();
  const [ready, setReady] = useState(false);
  useEffect(() => whenIdle(() => setReady(true)), []);
  const load = () => (ready ? shelf.details(run.head.key) : new Promise<Details>(() => undefined));
  return useLoaded(`${run.head.key} ${run.spans.length} ${run.head.running} ${run.head.stamp} ${ready}`, load, true);
}

function whenIdle(run: () => void): () => void {
  if ("requestIdleCallback" in window) {
    const handle = requestIdleCallback(run, { timeout: 500 });
    return () => cancelIdleCallback(handle);
  }
  const handle = setTimeout(run, 50);
  return () => clearTimeout(handle);
}

function useFilter(text: string): { filter: Filter; problem: FilterError | null } {
  const last = useRef(EVERYTHING);
  return useMemo(() => {
    try {
      last.current = parseFilter(text);
      return { filter: last.current, problem: null };
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      return { filter: last.current, problem: error };
    }
  }, [text]);
}

/** What is open and closed, for all steps and for each set that was asked for. */
function useFolds(asked: string): [Folds, (folds: Folds) => void] {
  const [all, setAll] = useState(UNTOUCHED);
  const [some, setSome] = useState({ asked: "", folds: UNTOUCHED });
  if (asked === "") return [all, setAll];
  return [some.asked === asked ? some.folds : UNTOUCHED, (folds) => setSome({ asked, folds })];
}
