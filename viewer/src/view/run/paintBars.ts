/** Paints the bars of a row, and how long it took. */

import { barsOf, type Bar } from "../../core/bars";
import { duration } from "../../core/format";
import type { Row } from "../../core/rows";
import type { Tree } from "../../core/tree";
import type { Colours } from "../colours";
import { hatch, ROW, type Brush, type Scene } from "./scene";

export function paintRow(brush: Brush, scene: Scene, row: Row, y: number, width: number): void {
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
