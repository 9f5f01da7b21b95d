import type { JSX } from "preact";
import { line, pieces } from "../core/control";

/** A text that somebody else wrote: its direction stays its own, and nothing in it is hidden. */
export function Text({ value }: { value: string }): JSX.Element {
  return <bdi>{pieces(value).map(({ text, control }) => (control ? <span class="control">{text}</span> : text))}</bdi>;
}

/** The same in one line, shortened. */
export function Line({ value, most }: { value: string; most?: number }): JSX.Element {
  return <bdi>{line(value, most)}</bdi>;
}
