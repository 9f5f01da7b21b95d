import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { calledNames, type Turn } from "../../core/conversation";
import { counted } from "../../core/format";
import { messageText } from "../../core/said";
import { holding } from "../../core/search";
import { useKeys } from "../hooks";
import { Icon } from "../icons";
import { highlight } from "./highlight";
import { Lazy } from "./Lazy";
import { heightOf } from "./PlainText";
import type { Look } from "./Prose";
import { Sought } from "./sought";
import { TurnView } from "./TurnView";

interface Props {
  turns: readonly Turn[];
  /** The place of the first message that the call before did not hold; null where that is not known. */
  firstNew: number | null;
  /** What stands before them. */
  children?: ComponentChildren;
}

/** Messages in their order, however many: found in, jumped in, and drawn where one looks. */
export function TurnList({ turns, firstNew, children }: Props): JSX.Element {
  const [look, setLook] = useState<Look>("markdown");
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const names = useMemo(() => calledNames(turns), [turns]);
  const found = useMemo(() => holding(turns, query), [turns, query]);
  const sought = found[Math.min(at, found.length - 1)] ?? null;
  const go = (place: number) => list.current?.children[place]?.scrollIntoView({ block: "start" });
  useEffect(() => setAt(0), [query, turns]);
  useLayoutEffect(() => {
    if (sought !== null) go(sought);
  }, [sought]);
  useEffect(() => highlight(list.current, query, sought === null ? null : (list.current?.children[sought] ?? null)), [query, sought, turns, look]);
  const answer = turns.findIndex((turn) => turn.side === "answer");
  return (
    <>
      <div class="detail-bar">
        <Find query={query} onQuery={setQuery} count={found.length} at={Math.min(at, found.length - 1)} onStep={(by) => setAt((at + by + found.length) % Math.max(1, found.length))} />
        <span class="detail-count">{counted(turns.length, "message")}</span>
        {firstNew !== null && firstNew > 0 && firstNew < turns.length && (
          <button class="button quiet" onClick={() => go(firstNew)} title="To the first message that is new in this call">
            New
          </button>
        )}
        {answer > 0 && (
          <button class="button quiet" onClick={() => go(answer)} title="To the answer">
            Answer
          </button>
        )}
        <span class="detail-space" />
        <button class="button quiet" aria-pressed={look === "plain"} onClick={() => setLook(look === "plain" ? "markdown" : "plain")} title="Show texts as they were sent">
          Plain
        </button>
      </div>
      {children}
      <div class="turns" ref={list}>
        {turns.map((turn, place) => (
          <div key={place} class="turn-place" data-first-new={place === firstNew && place > 0}>
            <Lazy height={Math.min(600, 40 + estimate(turn))} now={place < 4 || place === sought}>
              {() => (
                <Sought.Provider value={place === sought ? query : ""}>
                  <TurnView turn={turn} look={look} names={names} mark={firstNew !== null && firstNew > 0 && place >= firstNew && turn.side === "request" ? "new" : null} />
                </Sought.Provider>
              )}
            </Lazy>
          </div>
        ))}
      </div>
    </>
  );
}

const HEIGHTS = new WeakMap<object, number>();

function estimate({ message }: Turn): number {
  const known = HEIGHTS.get(message);
  if (known !== undefined) return known;
  const height = heightOf(messageText(message).slice(0, 4000));
  HEIGHTS.set(message, height);
  return height;
}

interface FindProps {
  query: string;
  onQuery: (query: string) => void;
  count: number;
  at: number;
  onStep: (by: 1 | -1) => void;
}

function Find({ query, onQuery, count, at, onStep }: FindProps): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  useKeys([{ keys: ["Ctrl+f"], what: "find in messages", group: "Detail", run: () => field.current?.select() }]);
  const key = (event: KeyboardEvent) => {
    if (event.key === "Enter") onStep(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") {
      event.stopPropagation();
      onQuery("");
      field.current?.blur();
    } else return;
    event.preventDefault();
  };
  return (
    <span class="find" role="search">
      <input ref={field} class="field find-field" type="search" placeholder="Find in messages" aria-label="Find in messages (Ctrl F)" value={query} onInput={(event) => onQuery(event.currentTarget.value)} onKeyDown={key} />
      {query !== "" && (
        <>
          <span class="detail-count" role="status">
            {count === 0 ? "none" : `${at + 1} of ${counted(count, "message")}`}
          </span>
          <button class="button quiet" disabled={count === 0} onClick={() => onStep(-1)} aria-label="Previous message found">
            <Icon name="up" />
          </button>
          <button class="button quiet" disabled={count === 0} onClick={() => onStep(1)} aria-label="Next message found">
            <Icon name="down" />
          </button>
        </>
      )}
    </span>
  );
}
