import type { ComponentChildren, RefObject } from "preact";
import { Icon } from "./icons";

interface Props {
  field: RefObject<HTMLInputElement | null>;
  value: string;
  placeholder: string;
  wrong?: boolean;
  onChange: (value: string) => void;
  /** What was found, or what is wrong. */
  state: ComponentChildren;
  children?: ComponentChildren;
}

/** The field in which is said what is asked for. */
export function FilterField({ field, value, placeholder, wrong = false, onChange, state, children }: Props) {
  return (
    <div class="filter" data-wrong={wrong}>
      <Icon name="search" />
      <input
        ref={field}
        class="field filter-field"
        type="text"
        spellcheck={false}
        autocomplete="off"
        placeholder={placeholder}
        aria-label="Filter"
        aria-invalid={wrong}
        aria-describedby="filter-state"
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <span id="filter-state" class="filter-state" role="status">
        {state}
      </span>
      {children}
    </div>
  );
}
