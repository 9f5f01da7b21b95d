import { hashOf, placeOf } from "../../core/place";
import { pairOf } from "../../core/live";
import type { RunHead } from "../../core/data";
import { Icon } from "../icons";
import { Line } from "../Text";

/** The runs that were chosen, the older one first. */
export function pickedOf(runs: readonly RunHead[], keys: readonly string[]): RunHead[] {
  const found = keys.flatMap((key) => runs.find((run) => run.key === key) ?? []);
  return found.toSorted((a, b) => (Date.parse(a.recorded ?? "") || 0) - (Date.parse(b.recorded ?? "") || 0));
}

/** The way to the comparison of two runs. */
export function Picked({ picked, onClear }: { picked: readonly RunHead[]; onClear: () => void }) {
  const [old, next] = picked;
  if (old === undefined) return null;
  // Of the same test at two times, the folder says which is which.
  const named = (run: RunHead) => (old.name === next?.name ? (run.path ?? run.name) : run.name);
  return (
    <div class="picked" role="status">
      <Icon name="compare" />
      {next === undefined ? (
        <span>
          <Line value={old.name} most={60} /> <span class="dim">is to be compared: choose another run</span>
        </span>
      ) : (
        <a href={hashOf(placeOf("compare", pairOf(old.key, next.key)))}>
          Compare <Line value={named(old)} most={80} /> with <Line value={named(next)} most={80} />
        </a>
      )}
      <button class="button quiet" onClick={onClear} aria-label="Choose none" title="Choose none">
        <Icon name="close" />
      </button>
    </div>
  );
}
