import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Axis, type Times } from "../../core/axis";
import { duration } from "../../core/format";
import { stripOf } from "../../core/minimap";
import { prepared, useSize } from "../canvas";
import { useColours } from "../colours";
import { useBrush } from "./brushing";
import { HEIGHT, paintStrip } from "./paintStrip";
import type { RunState } from "./state";

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
