/** Paints the links between bars. */

import type { Link, LinkKind } from "../../core/data";
import type { Brush, Scene } from "./scene";

/** Each kind of link has a stroke of its own. */
const DASHES: Record<LinkKind, number[]> = { data: [], retry: [2, 2], fallback: [6, 2], branch: [1, 3], handoff: [8, 3, 2, 3], continues: [4, 4] };

export function paintLink(brush: Brush, { tree, rows, axis, colours, selected }: Scene, link: Link, middle: (row: number) => number, height: number): void {
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
