/** Keeps the waterfall painted: when something has changed, and while the axis moves to where it should be. */

import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Axis, timesOf, type Times } from "../../core/axis";
import type { Link } from "../../core/data";
import { prepared } from "../canvas";
import { useColours } from "../colours";
import { paint } from "./paint";
import { paintHead } from "./paintHead";
import { HEAD, LANE, railWidth, ROW, type Scene } from "./scene";
import type { RunState } from "./state";

export interface Layout {
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
export function usePainter(run: RunState, layout: Layout) {
  const head = useRef<HTMLCanvasElement>(null);
  const body = useRef<HTMLCanvasElement>(null);
  const colours = useColours();
  const state = useRef({ frame: 0, hover: null as number | null, times: null as Times | null, axis: null as Axis | null, draw: () => {} });
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
    const axis = state.current.axis = new Axis(now, railWidth(strands) + LANE, across - 70, run.squeeze);
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
    /** The time that is shown at a place. */
    timeAt: (x: number) => state.current.axis?.time(x) ?? 0,
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
