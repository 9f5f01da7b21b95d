import type { JSX } from "preact";
import type { Layout } from "./TextDiff";

/** One column or two. */
export function LayoutChoice({ layout, onChange }: { layout: Layout; onChange: (layout: Layout) => void }): JSX.Element {
  return (
    <span class="choices" role="group" aria-label="Layout of differences">
      {(["unified", "split"] as const).map((one) => (
        <button key={one} class="button" aria-pressed={layout === one} onClick={() => onChange(one)}>
          {one === "split" ? "Split" : "Unified"}
        </button>
      ))}
    </span>
  );
}
