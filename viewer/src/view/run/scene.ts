/** What is painted beside the rows, and in which sizes. */

import type { Axis } from "../../core/axis";
import type { Link } from "../../core/data";
import { COLUMNS, type Strand } from "../../core/lanes";
import type { Moment, Moments } from "../../core/moments";
import type { Rows } from "../../core/rows";
import type { Tree } from "../../core/tree";
import type { Colours } from "../colours";

export const ROW = 24;
/** The height of what stands above the rows. */
export const HEAD = 26;
/** The least between two marks on the axis. */
export const APART = 64;
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

export type Brush = CanvasRenderingContext2D;

/** How wide the rail is. */
export function railWidth(strands: ReadonlyMap<number, Strand>): number {
  if (strands.size < 2) return 0;
  const columns = [...strands.values()].reduce((most, strand) => Math.max(most, strand.column + 1), 1);
  return Math.min(columns, COLUMNS) * LANE + 6;
}

/** Slanted lines: a pattern that is seen without its colour. */
export function hatch(brush: Brush, left: number, top: number, width: number, height: number, colour: string, apart: number): void {
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
