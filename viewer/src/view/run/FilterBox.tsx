import { useEffect, useRef, useState } from "preact/hooks";
import { count } from "../../core/format";
import { FilterField } from "../FilterField";
import { useKeys, useNavigation } from "../hooks";
import { Icon } from "../icons";
import type { RunState } from "./state";

/** While somebody types, this long is waited for the next letter. */
const PAUSE = 60;

/** What is asked for, how much of it there is, and what is wrong with how it is asked. */
export function FilterBox({ run }: { run: RunState }) {
  const navigation = useNavigation();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(run.place.filter);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (document.activeElement !== input.current || text.trim() !== run.place.filter.trim()) setText(run.place.filter);
  }, [run.place.filter]);
  const change = (next: string, wait = PAUSE) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => navigation.change({ filter: next }), wait);
  };
  useKeys([
    { keys: ["/"], what: "filter", group: "Filter", run: () => input.current?.select() },
    { keys: ["Escape"], what: "leave time travel, then the range, then the filter", group: "Filter", run: () => leave(run, navigation, change, input.current) },
  ]);
  const { problem } = run;
  return (
    <FilterField
      field={input}
      value={text}
      placeholder={'Filter: kind:llm is:error tool:search* tokens:>1000 "text"'}
      wrong={problem !== null}
      onChange={change}
      state={problem === null ? <Found run={run} /> : <span class="unseen">{`At character ${problem.position + 1}: ${problem.message}`}</span>}
    >
      {text !== "" && (
        <button class="button quiet" aria-label="Remove the filter" onClick={() => change("", 0)}>
          <Icon name="close" />
        </button>
      )}
      {problem !== null && (
        <div class="filter-problem" aria-hidden>
          <code>
            {text.slice(0, problem.offset)}
            <mark>{text.slice(problem.offset).split(/\s/)[0] || "\u00a0"}</mark>
          </code>
          <p>{problem.message}</p>
        </div>
      )}
    </FilterField>
  );
}

function Found({ run: { facets, tree, filter, details } }: { run: RunState }) {
  if (facets.matches === null) return <>{count(tree.spans.length)} steps</>;
  const partly = filter.terms.some((term) => term.condition.type === "text") && details.state === "loading";
  return (
    <>
      {count(facets.matches.size)} of {count(tree.spans.length)}
      {partly && ", texts are being loaded"}
    </>
  );
}

/** One thing after the other, what was done last first. */
function leave({ place }: RunState, navigation: ReturnType<typeof useNavigation>, change: (text: string, wait: number) => void, input: HTMLInputElement | null): void {
  if (input !== null && document.activeElement === input) {
    if (input.value === "") input.blur();
    else change("", 0);
  } else if (place.at !== null) navigation.change({ at: null });
  else if (place.range !== null) navigation.change({ range: null });
  else if (place.filter !== "") change("", 0);
}
