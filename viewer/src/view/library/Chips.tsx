import { count } from "../../core/format";
import { chipsOf, hasTerm, toggled } from "../../core/library";
import type { Bundle } from "../../core/data";
import { Line } from "../Text";

/** What tells the runs apart, to be asked for with one press. */
export function Chips({ bundle, filter, onChange }: { bundle: Bundle; filter: string; onChange: (filter: string) => void }) {
  const chips = chipsOf(bundle.runs, bundle.library?.broken ?? []);
  if (chips.length === 0) return null;
  return (
    <div class="chips" role="group" aria-label="Kinds of runs">
      {chips.map(({ term, name, count: number, tone }) => (
        <button key={term} class="chip" data-tone={tone} aria-pressed={hasTerm(filter, term)} title={term} onClick={() => onChange(toggled(filter, term))}>
          <Line value={name} most={40} /> <span class="chip-count">{count(number)}</span>
        </button>
      ))}
    </div>
  );
}
