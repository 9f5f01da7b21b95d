/** Paints the waterfall: bars, links, gaps, the moment. Knows nothing of the page but the canvas it is given. */

import type { Axis } from "../../core/axis";
import { barsOf, type Bar } from "../../core/bars";
import type { Link, LinkKind } from "../../core/data";
import { clock, duration } from "../../core/format";
import { COLUMNS, type Strand } from "../../core/lanes";
import type { Moment, Moments } from "../../core/moments";
import type { Row, Rows } from "../../core/rows";
import type { Tree } from "../../core/tree";
import type { Colours } from "../colours";

export const ROW = 24;
/** The width of a lane in the rail. */
export const LANE = 8;

export interface Scene {
  tree: Tree;
  rows: Rows;
  axis: Axis;
  colours: Colours;
  strands: ReadonlyMap<number, Strand>;
  /** The links that are drawn, those of the selected step in full. */
  links: readonly Link[];
  selected: number | null;
  moment: Moment | null;
  moments: Moments;
  /** Where the pointer is, in pixels. */
  hover: number | null;
}

export interface Window {
  /** The rows that are painted. */
  first: number;
  last: number;
  width: number;
}

type Brush = CanvasRenderingContext2D;

export function paint(brush: Brush, scene: Scene, window: Window): void {
  const height = (window.last - window.first) * ROW;
  const middle = (row: number) => (row - window.first + 0.5) * ROW;
  brush.font = scene.colours.font;
  brush.textBaseline = "middle";
  grid(brush, scene, height);
  rail(brush, scene, window, middle);
  brush.save();
  brush.beginPath();
  brush.rect(scene.axis.left - 6, 0, window.width - scene.axis.left + 6, height);
  brush.clip();
  for (let index = window.first; index < window.last; index++) {
    const row = scene.rows.list[index];
    if (row !== undefined) line(brush, scene, row, middle(index), window.width);
  }
  for (const link of scene.links) arrow(brush, scene, link, middle, height);
  time(brush, scene, height);
  brush.restore();
}

function grid(brush: Brush, { axis, colours }: Scene, height: number): void {
  brush.fillStyle = colours.line;
  for (const tick of axis.ticks(80)) brush.fillRect(Math.round(tick.x), 0, 1, height);
  for (const gap of axis.gaps()) hatch(brush, gap.left, 0, gap.right - gap.left, height, colours.line, 6);
}

/** Slanted lines: a pattern that is seen without its colour. */
function hatch(brush: Brush, left: number, top: number, width: number, height: number, colour: string, apart: number): void {
  if (width <= 0) return;
  brush.save();
  brush.beginPath();
  brush.rect(left, top, width, height);
  brush.clip();
  brush.strokeStyle = colour;
  brush.lineWidth = 1;
  brush.beginPath();
  for (let x = left - height; x < left + width; x += apart) {
    brush.moveTo(x, top + height);
    brush.lineTo(x + height, top);
  }
  brush.stroke();
  brush.restore();
}

function rail(brush: Brush, { rows, strands, colours, tree, selected }: Scene, window: Window, middle: (row: number) => number): void {
  if (strands.size < 2) return;
  const x = (strand: Strand) => LANE * (strand.column + 0.5) + 2;
  const chosen = tree.find(selected)?.lane;
  brush.lineWidth = 1.5;
  brush.strokeStyle = colours.lineStrong;
  for (const strand of strands.values()) {
    if (strand.to < window.first || strand.from > window.last) continue;
    const parent = strand.parent === null ? undefined : strands.get(strand.parent);
    brush.beginPath();
    if (parent !== undefined && parent.column !== strand.column) {
      brush.moveTo(x(parent), middle(strand.from) - ROW / 2);
      brush.quadraticCurveTo(x(strand), middle(strand.from) - ROW / 2, x(strand), middle(strand.from));
    } else brush.moveTo(x(strand), middle(strand.from));
    brush.lineTo(x(strand), middle(strand.to));
    brush.stroke();
  }
  for (let index = window.first; index < window.last; index++) {
    const row = rows.list[index];
    const strand = row && strands.get(row.span.lane);
    if (strand === undefined) continue;
    brush.fillStyle = strand.lane === chosen ? colours.accent : colours.dim;
    brush.beginPath();
    brush.arc(x(strand), middle(index), 2.5, 0, 7);
    brush.fill();
  }
}

/** How wide the rail is. */
export function railWidth(strands: ReadonlyMap<number, Strand>): number {
  if (strands.size < 2) return 0;
  const columns = Math.max(...[...strands.values()].map((strand) => strand.column)) + 1;
  return Math.min(columns, COLUMNS) * LANE + 6;
}

function line(brush: Brush, scene: Scene, row: Row, y: number, width: number): void {
  const { axis, tree } = scene;
  const bars = barsOf(row, tree, axis);
  const pale = row.type === "step" && !row.matched ? 0.4 : 1;
  brush.globalAlpha = pale;
  for (const bar of bars) drawn(brush, scene, bar, y, pale);
  if (bars.length === 0) beyond(brush, scene, row, y);
  else written(brush, scene, row, bars, y, width);
  brush.globalAlpha = 1;
}

/** At a moment, what comes after it is pale. */
function drawn(brush: Brush, { moment, moments, tree, axis, colours }: Scene, bar: Bar, y: number, alpha: number): void {
  const ended = moment === null || moments.ended(bar.span, moment);
  brush.globalAlpha = ended ? alpha : 0.25 * alpha;
  shape(brush, bar, y, colours);
  if (!ended && moments.begun(bar.span, moment)) {
    brush.globalAlpha = alpha;
    brush.save();
    brush.beginPath();
    brush.rect(axis.left - 6, y - ROW / 2, axis.x(Math.max(moment.at, tree.find(bar.span)?.start ?? 0)) - axis.left + 6, ROW);
    brush.clip();
    shape(brush, bar, y, colours);
    brush.restore();
  }
  brush.globalAlpha = alpha;
}

function shape(brush: Brush, bar: Bar, y: number, colours: Colours): void {
  const { left, right, first, kind } = bar;
  const [full, pale] = [colours.kind[kind], colours.wait[kind]];
  if (bar.shape === "frame") {
    brush.fillStyle = bar.failed ? colours.error : full;
    brush.fillRect(left, y - 1, right - left, 2);
    brush.fillRect(left, y - 4, 2, 8);
    if (!bar.running) brush.fillRect(right - 2, y - 4, 2, 8);
  } else {
    const half = bar.shape === "work" ? 6 : bar.lines === 1 ? 4 : Math.max(1.5, 8 / bar.lines - 0.5);
    if (bar.lines > 1) y += (bar.line - (bar.lines - 1) / 2) * (16 / bar.lines);
    brush.fillStyle = pale;
    brush.fillRect(left, y - half, right - left, 2 * half);
    brush.fillStyle = full;
    const from = bar.running && first === null ? right : (first ?? left);
    brush.fillRect(from, y - half, Math.max(right - from, from < right ? 1 : 0), 2 * half);
    brush.strokeStyle = bar.failed ? colours.error : full;
    brush.lineWidth = 1;
    if (right - left > 3) brush.strokeRect(left + 0.5, y - half + 0.5, right - left - 1, 2 * half - 1);
    if (bar.failed) failed(brush, bar, y, half, colours);
  }
  if (bar.running) running(brush, right, y, full);
}

function failed(brush: Brush, { left, right }: Bar, y: number, half: number, colours: Colours): void {
  brush.fillStyle = colours.ground;
  if (right - left > 8) {
    brush.fillRect(left + 1, y - half + 1, right - left - 2, 2 * half - 2);
    hatch(brush, left, y - half, right - left, 2 * half, colours.error, 4);
    brush.strokeStyle = colours.error;
    brush.strokeRect(left + 0.5, y - half + 0.5, right - left - 1, 2 * half - 1);
  } else {
    brush.fillStyle = colours.error;
    brush.fillRect(left, y - half, Math.max(3, right - left), 2 * half);
  }
}

/** What still runs is open to the right. */
function running(brush: Brush, right: number, y: number, colour: string): void {
  brush.strokeStyle = colour;
  brush.lineWidth = 1.5;
  for (const x of [right + 3, right + 7]) {
    brush.beginPath();
    brush.moveTo(x, y - 4);
    brush.lineTo(x + 4, y);
    brush.lineTo(x, y + 4);
    brush.stroke();
  }
}

/** How long it took, behind its bar or, where there is no room, before it. */
function written(brush: Brush, { colours, tree, axis }: Scene, row: Row, bars: readonly Bar[], y: number, width: number): void {
  if (bars.length === 0) return;
  const open = bars.some((bar) => bar.running);
  const text = words(row, tree);
  const left = Math.max(axis.left, Math.min(...bars.map((bar) => bar.left)));
  const right = Math.max(...bars.map((bar) => bar.right)) + (open ? 14 : 0);
  const room = brush.measureText(text).width + 6;
  brush.fillStyle = colours.dim;
  if (right + room < width) brush.fillText(text, right + 6, y + 0.5);
  else if (left - room > axis.left) brush.fillText(text, left - room, y + 0.5);
}

function words(row: Row, tree: Tree): string {
  if (row.type === "group") return duration(row.spans.reduce((sum, span) => sum + (span.ms ?? 0), 0));
  const took = row.span.ms === null ? `${duration(tree.endOf(row.span) - row.span.start)}, running` : duration(row.span.ms);
  return row.span.attempts > 1 ? `${took}, ${row.span.attempts} tries` : took;
}

/** A sign at the edge for what lies beyond it. */
function beyond(brush: Brush, { axis, colours }: Scene, { span }: Row, y: number): void {
  const [x, by] = span.start > axis.times[1] ? [axis.right + 4, -4] : [axis.left - 4, 4];
  brush.strokeStyle = colours.kind[span.kind];
  brush.lineWidth = 1.5;
  brush.beginPath();
  brush.moveTo(x + by, y - 4);
  brush.lineTo(x, y);
  brush.lineTo(x + by, y + 4);
  brush.stroke();
}

/** Each kind of link has a stroke of its own. */
const DASHES: Record<LinkKind, number[]> = { data: [], retry: [2, 2], fallback: [6, 2], branch: [1, 3], handoff: [8, 3, 2, 3], continues: [4, 4] };

function arrow(brush: Brush, { tree, rows, axis, colours, selected }: Scene, link: Link, middle: (row: number) => number, height: number): void {
  const [from, to] = [tree.find(link.from), tree.find(link.to)];
  const [start, end] = [rows.indexOf(link.from), rows.indexOf(link.to)];
  if (from === null || to === null || start < 0 || end < 0 || start === end) return;
  const [y1, y2] = [middle(start), middle(end)];
  if (Math.max(y1, y2) < 0 || Math.min(y1, y2) > height) return;
  const inside = (x: number) => Math.min(axis.right + 8, Math.max(axis.left - 4, x));
  const [x1, x2] = [inside(axis.x(Math.min(tree.endOf(from), to.start))), inside(axis.x(to.start))];
  const down = y2 > y1 ? 1 : -1;
  const chosen = link.from === selected || link.to === selected;
  brush.strokeStyle = chosen ? colours.accent : colours.dim;
  brush.globalAlpha = chosen ? 1 : 0.8;
  brush.lineWidth = chosen ? 1.5 : 1;
  brush.setLineDash(DASHES[link.kind]);
  brush.beginPath();
  brush.moveTo(x1, y1 + 6 * down);
  brush.bezierCurveTo(x1, (y1 + y2) / 2, x2 - 10, y2, x2 - 3, y2);
  brush.stroke();
  brush.setLineDash([]);
  brush.beginPath();
  brush.moveTo(x2 - 6, y2 - 3);
  brush.lineTo(x2 - 1, y2);
  brush.lineTo(x2 - 6, y2 + 3);
  brush.stroke();
  brush.globalAlpha = 1;
}

function time(brush: Brush, { axis, colours, moment, hover }: Scene, height: number): void {
  if (moment !== null) {
    brush.fillStyle = colours.accent;
    brush.fillRect(Math.round(axis.x(moment.at)) - 1, 0, 2, height);
  }
  if (hover === null || hover < axis.left) return;
  brush.fillStyle = colours.dim;
  brush.fillRect(Math.round(hover), 0, 1, height);
}

/** The marks above: times, how much was idle, the moment, and the time under the pointer. */
export function paintHead(brush: Brush, { axis, colours, moment, hover }: Scene, width: number, height: number): void {
  const y = height / 2 + 0.5;
  const step = axis.step(80);
  brush.font = colours.font;
  brush.textBaseline = "middle";
  brush.fillStyle = colours.dim;
  for (const tick of axis.ticks(80)) {
    const text = clock(tick.time, step);
    if (tick.x + 4 + brush.measureText(text).width < width) brush.fillText(text, tick.x + 4, y);
    brush.fillRect(Math.round(tick.x), height - 6, 1, 6);
  }
  for (const gap of axis.gaps()) {
    hatch(brush, gap.left, 0, gap.right - gap.left, height, colours.lineStrong, 6);
    const text = `idle ${duration(gap.to - gap.from)}`;
    if (brush.measureText(text).width + 8 < gap.right - gap.left) flag(brush, text, (gap.left + gap.right) / 2, y, width, colours.panel, colours.dim);
  }
  if (moment !== null) flag(brush, clock(moment.at, 1), axis.x(moment.at), y, width, colours.accent, colours.ground);
  if (hover !== null && hover >= axis.left) flag(brush, clock(Math.max(0, axis.time(hover)), Math.min(step / 10, 100)), hover, y, width, colours.ink, colours.ground);
}

function flag(brush: Brush, text: string, x: number, y: number, width: number, ground: string, ink: string): void {
  const wide = brush.measureText(text).width + 8;
  const left = Math.min(width - wide, Math.max(0, x - wide / 2));
  brush.fillStyle = ground;
  brush.fillRect(left, y - 8, wide, 16);
  brush.fillStyle = ink;
  brush.fillText(text, left + 4, y);
}
