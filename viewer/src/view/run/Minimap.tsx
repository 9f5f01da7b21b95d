import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Axis, type Times } from "../../core/axis";
import { clock, duration } from "../../core/format";
import { stripOf, type Strip } from "../../core/minimap";
import { prepared, useSize } from "../canvas";
import { useColours, type Colours } from "../colours";
import { useNavigation } from "../hooks";
import type { RunState } from "./state";

const HEIGHT = 44;
const TOP = 14;
/** The line for what failed, below the lanes. */
const FAILURES = 8;
/** A press that moves less than this is a click. */
const STILL = 4;
const SIDE = 12;

/** All of the run at once; a stretch of it is chosen with the mouse, or by moving its two ends with the arrow keys. */
export function Minimap({ run }: { run: RunState }) {
  const { tree, facets, squeeze, place, moment } = run;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width } = useSize(box);
  const colours = useColours();
  const whole: Times = [0, Math.max(1, tree.end)];
  const axis = useMemo(() => new Axis(whole, SIDE, Math.max(SIDE + 1, width - SIDE), squeeze), [tree, width, squeeze]);
  const strip = useMemo(() => (width > 0 ? stripOf(tree, axis, facets.matches) : null), [tree, axis, facets.matches]);
  useLayoutEffect(() => {
    const brush = canvas.current === null || strip === null ? null : prepared(canvas.current, width, HEIGHT);
    if (brush !== null && strip !== null) paintStrip(brush, strip, axis, colours, width);
  }, [strip, axis, colours, width]);
  const brushing = useBrush(run, axis, whole);
  const range = brushing.draft ?? place.range;
  const [left, right] = range === null ? [SIDE, width - SIDE] : [axis.x(range[0]), axis.x(range[1])];
  return (
    <div class="minimap" ref={box} {...brushing.handlers}>
      <canvas ref={canvas} aria-hidden />
      {range !== null && (
        <>
          <div class="minimap-shade" style={{ left: "0px", width: `${Math.max(0, left)}px` }} />
          <div class="minimap-shade" style={{ left: `${right}px`, right: "0px" }} />
          <div class="minimap-range" style={{ left: `${left}px`, width: `${Math.max(1, right - left)}px` }}>
            <span class="minimap-length">{duration(range[1] - range[0])}</span>
          </div>
        </>
      )}
      {moment !== null && <div class="minimap-moment" style={{ left: `${axis.x(moment.at)}px` }} />}
      <End label="Range from" x={left} value={range?.[0] ?? 0} whole={whole} onMove={(time) => brushing.set([time, range?.[1] ?? whole[1]])} />
      <End label="Range to" x={right} value={range?.[1] ?? whole[1]} whole={whole} onMove={(time) => brushing.set([range?.[0] ?? 0, time])} />
    </div>
  );
}

interface EndProps {
  label: string;
  x: number;
  value: number;
  whole: Times;
  onMove: (time: number) => void;
}

function End({ label, x, value, whole, onMove }: EndProps) {
  const step = whole[1] / 100;
  const moved = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -step, ArrowRight: step, PageDown: -10 * step, PageUp: 10 * step }[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? whole[1] : by === undefined ? null : value + by;
    if (to === null) return;
    event.preventDefault();
    onMove(to);
  };
  return (
    <div
      class="minimap-end"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.round(whole[1])}
      aria-valuenow={Math.round(value)}
      aria-valuetext={duration(value)}
      style={{ left: `${x}px` }}
      onKeyDown={moved}
    />
  );
}

type Drag = { grip: "new" | "from" | "to" | "all"; x: number; range: Times };

function useBrush(run: RunState, axis: Axis, whole: Times) {
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

function paintStrip(brush: CanvasRenderingContext2D, { lines, marks, failures }: Strip, axis: Axis, colours: Colours, width: number): void {
  const high = Math.min(8, (HEIGHT - TOP - 2 - FAILURES) / lines);
  const step = axis.step(90);
  brush.font = colours.font;
  brush.textBaseline = "middle";
  for (const tick of axis.ticks(90)) {
    brush.fillStyle = colours.line;
    brush.fillRect(Math.round(tick.x), 0, 1, HEIGHT);
    brush.fillStyle = colours.dim;
    const text = clock(tick.time, step);
    if (tick.x + 3 + brush.measureText(text).width < width) brush.fillText(text, tick.x + 3, TOP / 2);
  }
  brush.fillStyle = colours.line;
  for (const gap of axis.gaps()) brush.fillRect(gap.left, TOP, gap.right - gap.left, HEIGHT - TOP);
  for (const mark of marks) {
    const y = TOP + 2 + mark.line * high;
    brush.globalAlpha = mark.asked ? 1 : 0.2;
    brush.fillStyle = mark.failed ? colours.error : colours.kind[mark.kind];
    brush.fillRect(mark.left, y, mark.right - mark.left, Math.max(1, high - 1));
  }
  brush.globalAlpha = 1;
  for (const x of failures) cross(brush, x, HEIGHT - 4, colours.error);
}

/** An error is a cross below its line. */
function cross(brush: CanvasRenderingContext2D, x: number, y: number, colour: string): void {
  brush.strokeStyle = colour;
  brush.lineWidth = 1.2;
  brush.beginPath();
  brush.moveTo(x - 2.5, y - 2.5);
  brush.lineTo(x + 2.5, y + 2.5);
  brush.moveTo(x + 2.5, y - 2.5);
  brush.lineTo(x - 2.5, y + 2.5);
  brush.stroke();
}
