/** The colours of the theme, for what is painted on a canvas. */

import { useEffect, useState } from "preact/hooks";
import type { Kind } from "../core/data";

const KINDS: readonly Kind[] = ["llm", "embedding", "tool", "retrieval", "agent", "chain", "decision", "custom"];

export interface Colours {
  ground: string;
  panel: string;
  line: string;
  lineStrong: string;
  ink: string;
  dim: string;
  accent: string;
  error: string;
  kind: Record<Kind, string>;
  wait: Record<Kind, string>;
  font: string;
}

export function coloursNow(): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const each = (suffix: string) => Object.fromEntries(KINDS.map((kind) => [kind, of(kind + suffix)])) as Record<Kind, string>;
  return {
    ground: of("ground"),
    panel: of("panel"),
    line: of("line"),
    lineStrong: of("line-strong"),
    ink: of("ink"),
    dim: of("dim"),
    accent: of("accent"),
    error: of("error"),
    kind: each(""),
    wait: each("-wait"),
    font: `${of("text-s")} ${of("sans")}`,
  };
}

/** The colours of the theme, and of the next one when it changes. */
export function useColours(): Colours {
  const [colours, setColours] = useState(coloursNow);
  useEffect(() => {
    const observer = new MutationObserver(() => setColours(coloursNow()));
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => observer.disconnect();
  }, []);
  return colours;
}
