import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { chunks, folded } from "../../core/folding";
import { counted } from "../../core/format";
import { Text } from "../Text";
import { Lazy } from "./Lazy";
import { useSought } from "./sought";

/** So many characters, and lines, of a text are shown before the reader asks for all. */
const FOLDED = 4000;
const LINES = 80;
const CHUNK = 8000;

interface Props {
  value: string;
  /** Code and data, in letters of one width. */
  code?: boolean;
  most?: number;
}

/** A text as it is, of any length. */
export function PlainText({ value, code = false, most = FOLDED }: Props): JSX.Element {
  const holds = useSought();
  return (
    <Foldable value={value} most={most}>
      {(shown) => (
        <div class={code ? "plain plain-code" : "plain"} dir="auto">
          {chunks(shown, CHUNK).map((chunk, index) => (
            <Lazy key={index} height={heightOf(chunk)} now={index === 0 || holds(chunk)}>
              {() => <Text value={chunk} />}
            </Lazy>
          ))}
        </div>
      )}
    </Foldable>
  );
}

export function heightOf(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
  return 18 * Math.max(lines, Math.ceil(text.length / 90));
}

interface FoldableProps {
  value: string;
  most?: number;
  children: (shown: string) => JSX.Element;
}

/** The beginning of a long text, and all of it when asked for. */
export function Foldable({ value, most = FOLDED, children }: FoldableProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const start = useMemo(() => folded(value, most, LINES), [value, most]);
  const sought = useSought()(value);
  const all = open || sought || start === null;
  return (
    <>
      {children(all ? value : start)}
      {start !== null && !sought && (
        <button class="button quiet fold-button" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "show less" : `show all ${counted(value.length, "character")}`}
        </button>
      )}
    </>
  );
}
