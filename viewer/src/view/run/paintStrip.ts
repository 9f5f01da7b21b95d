/** Paints the whole run: times above, a line for each lane, crosses below. */

import type { Axis } from "../../core/axis";
import { clock } from "../../core/format";
import type { Strip } from "../../core/minimap";
import type { Colours } from "../colours";

/** How high it is, and how high the times are. */
export const HEIGHT = 44;
const TOP = 14;
/** The line for what failed, below the lanes. */
const FAILURES = 8;

export function paintStrip(brush: CanvasRenderingContext2D, { lines, marks, failures }: Strip, axis: Axis, colours: Colours, width: number): void {
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
