/** Paints the waterfall. Knows nothing of the page but the canvas that it is given. */

import type { Strand } from "../../core/lanes";
import { paintRow } from "./paintBars";
import { paintLink } from "./paintLinks";
import { APART, hatch, LANE, ROW, type Brush, type Scene, type Window } from "./scene";

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
    if (row !== undefined) paintRow(brush, scene, row, middle(index), window.width);
  }
  for (const link of scene.links) paintLink(brush, scene, link, middle, height);
  time(brush, scene, height);
  brush.restore();
}

function grid(brush: Brush, { axis, colours }: Scene, height: number): void {
  brush.fillStyle = colours.line;
  for (const tick of axis.ticks(APART)) brush.fillRect(Math.round(tick.x), 0, 1, height);
  for (const gap of axis.gaps()) hatch(brush, gap.left, 0, gap.right - gap.left, height, colours.line, 6);
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

function time(brush: Brush, { axis, colours, moment, hover }: Scene, height: number): void {
  if (moment !== null) {
    brush.fillStyle = colours.accent;
    brush.fillRect(Math.round(axis.x(moment.at)) - 1, 0, 2, height);
  }
  if (hover === null || hover < axis.left) return;
  brush.fillStyle = colours.dim;
  brush.fillRect(Math.round(hover), 0, 1, height);
}
