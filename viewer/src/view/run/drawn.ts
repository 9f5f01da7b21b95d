/** Which rows stand in the page: those in sight and some around them. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Row } from "../../core/rows";
import { ROW } from "./scene";

/** Rows that are drawn beyond what is seen, so that scrolling finds them there. */
const BEYOND = 8;
/** When scrolling pauses for so long, in milliseconds, it is over. */
const SETTLED = 80;

/**
 * Which rows are drawn. While they go by row by row, some more on both sides, so that most steps find them there; while they go by in
 * screens, none but those that are seen, as none of the others would be.
 */
export function useDrawn() {
  const [drawn, setDrawn] = useState({ first: 0, more: 2 * BEYOND });
  const last = useRef(0);
  const settling = useRef<ReturnType<typeof setTimeout>>(undefined);
  const around = (row: number) => {
    const first = Math.max(0, (Math.floor(row / BEYOND) - 1) * BEYOND);
    setDrawn((was) => (was.first === first && was.more === 3 * BEYOND ? was : { first, more: 3 * BEYOND }));
  };
  const follow = (top: number) => {
    const row = Math.floor(top / ROW);
    const hurried = Math.abs(row - last.current) > BEYOND;
    last.current = row;
    clearTimeout(settling.current);
    if (!hurried) return around(row);
    setDrawn({ first: row, more: 1 });
    settling.current = setTimeout(() => around(row), SETTLED);
  };
  useEffect(() => () => clearTimeout(settling.current), []);
  return { ...drawn, follow };
}

/** Whether the page is being printed. */
export function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const [begin, end] = [() => setPrinting(true), () => setPrinting(false)];
    addEventListener("beforeprint", begin);
    addEventListener("afterprint", end);
    return () => {
      removeEventListener("beforeprint", begin);
      removeEventListener("afterprint", end);
    };
  }, []);
  return printing;
}

/** Those in the window, and the one that has the focus, wherever it is: the focus must not be lost by scrolling. */
export function drawnRows(list: readonly Row[], first: number, last: number, cursor: number): number[] {
  const drawn = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
  const entry = Math.max(0, cursor);
  if (list.length > 0 && (entry < first || entry >= last)) drawn.push(entry);
  return drawn;
}
