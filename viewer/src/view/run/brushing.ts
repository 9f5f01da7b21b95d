/** A stretch of time that is chosen with the mouse: drawn anew, moved, made longer or shorter at an end. */

import { useRef, useState } from "preact/hooks";
import type { Axis, Times } from "../../core/axis";
import { STEP, zoomed } from "../../core/zoom";
import { useNavigation } from "../hooks";
import type { RunState } from "./state";

/** A press that moves less than this is a click. */
const STILL = 4;

type Drag = { grip: "new" | "from" | "to" | "all"; x: number; range: Times };

export function useBrush(run: RunState, axis: Axis, whole: Times) {
  const navigation = useNavigation();
  const drag = useRef<Drag | null>(null);
  const [draft, setDraft] = useState<Times | null>(null);
  const { range } = run.place;
  const inside = (time: number) => Math.min(whole[1], Math.max(0, time));
  const set = ([from, to]: Times) => {
    const [first, last] = [inside(Math.min(from, to)), inside(Math.max(from, to))];
    const all = first <= 0 && last >= whole[1];
    navigation.change({ range: all || last - first < 1e-3 ? null : [first, last] });
  };
  const place = (event: PointerEvent & { currentTarget: HTMLElement }) => event.clientX - event.currentTarget.getBoundingClientRect().left;
  const moved = (x: number): Times => {
    const { grip, x: start, range: from } = drag.current as Drag;
    if (grip === "new") return ordered(inside(axis.time(start)), inside(axis.time(x)));
    if (grip === "from") return ordered(inside(axis.time(x)), from[1]);
    if (grip === "to") return ordered(from[0], inside(axis.time(x)));
    return shifted(from, axis.time(x) - axis.time(start), whole);
  };
  return {
    draft,
    set,
    handlers: {
      onWheel: (event: WheelEvent & { currentTarget: HTMLElement }) => {
        event.preventDefault();
        const at = axis.time(event.clientX - event.currentTarget.getBoundingClientRect().left);
        navigation.change({ range: zoomed(range, whole, inside(at), event.deltaY < 0 ? 1 / STEP : STEP) });
      },
      onPointerDown: (event: PointerEvent & { currentTarget: HTMLElement }) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { grip: gripAt(place(event), range, axis), x: place(event), range: range ?? whole };
      },
      onPointerMove: (event: PointerEvent & { currentTarget: HTMLElement }) => {
        if (drag.current !== null && Math.abs(place(event) - drag.current.x) >= STILL) setDraft(moved(place(event)));
      },
      onPointerUp: (event: PointerEvent & { currentTarget: HTMLElement }) => {
        if (drag.current === null) return;
        const x = place(event);
        if (Math.abs(x - drag.current.x) >= STILL || draft !== null) set(moved(x));
        else choose(run, inside(axis.time(x)));
        drag.current = null;
        setDraft(null);
      },
      onPointerCancel: () => {
        drag.current = null;
        setDraft(null);
      },
      onDblClick: () => navigation.change({ range: null }),
    },
  };
}

function gripAt(x: number, range: Times | null, axis: Axis): Drag["grip"] {
  if (range === null) return "new";
  const [left, right] = [axis.x(range[0]), axis.x(range[1])];
  if (Math.abs(x - left) < 6) return "from";
  if (Math.abs(x - right) < 6) return "to";
  return x > left && x < right ? "all" : "new";
}

function ordered(a: number, b: number): Times {
  return a < b ? [a, b] : [b, a];
}

function shifted([from, to]: Times, by: number, whole: Times): Times {
  const shift = Math.min(whole[1] - to, Math.max(-from, by));
  return [from + shift, to + shift];
}

/** The step that was at work at a time: the last to begin. */
function choose(run: RunState, time: number): void {
  const { tree } = run;
  const at = tree.spans.findLast((span) => run.asked(span.id) && span.start <= time && tree.endOf(span) >= time && tree.children(span.id).length === 0);
  const step = at ?? tree.spans.findLast((span) => run.asked(span.id) && span.start <= time);
  if (step !== undefined) run.go(step.id);
}
