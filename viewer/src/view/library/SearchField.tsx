import type { RefObject } from "preact";
import { count, counted } from "../../core/format";
import { Icon } from "../icons";
import { Line } from "../Text";
import type { Findings } from "./useFindings";

interface Props {
  field: RefObject<HTMLInputElement | null>;
  value: string;
  findings: Findings;
  onChange: (value: string) => void;
}

/** The field that asks for what was said in any run, in the words of a run's own filter. */
export function SearchField({ field, value, findings: { searched, problem }, onChange }: Props) {
  const steps = searched === null ? 0 : [...searched.found.values()].reduce((sum, one) => sum + one.steps, 0);
  return (
    <div class="filter" data-wrong={problem !== null}>
      <Icon name="llm" />
      <input
        ref={field}
        class="field filter-field"
        type="text"
        spellcheck={false}
        autocomplete="off"
        placeholder={'Search what was said: rome, tool:search*, is:error'}
        aria-label="Search in all runs"
        aria-invalid={problem !== null}
        aria-describedby="search-state"
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <span id="search-state" class="filter-state" role="status">
        {searched !== null && (searched.over ? `${counted(steps, "step")} in ${counted(searched.found.size, "run")}` : `${count(searched.searched)} of ${count(searched.of)} searched`)}
      </span>
      {problem !== null && (
        <div class="filter-problem" role="alert">
          <Line value={problem} most={400} />
        </div>
      )}
    </div>
  );
}
