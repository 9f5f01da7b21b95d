/** Paints what stands above the waterfall: times, how long was idle, the moment, the time under the pointer. */

import { clock, duration } from "../../core/format";
import { APART, hatch, type Brush, type Scene } from "./scene";

export function paintHead(brush: Brush, { axis, colours, moment, hover }: Scene, width: number, height: number): void {
  const y = height / 2 + 0.5;
  const step = axis.step(APART);
  brush.font = colours.font;
  brush.textBaseline = "middle";
  brush.fillStyle = colours.dim;
  for (const tick of axis.ticks(APART)) {
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
