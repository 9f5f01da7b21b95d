import type { JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import type { Bundle, Session as Tests } from "../../core/data";
import { counted } from "../../core/format";
import { chosen, type Column, type Order, ordered, words } from "../../core/session";
import { LazyRows } from "../detail/Lazy";
import { useKeys } from "../hooks";
import { Icon } from "../icons";
import { Ends } from "./Ends";
import { Sums } from "./Sums";
import { TestRow } from "./TestRow";

export interface SessionProps {
  session: Tests;
  bundle: Bundle;
}

/** The tests of a session, what matters first, each with its run. */
export function Session({ session }: SessionProps): JSX.Element {
  const [order, setOrder] = useState<Order>({ column: null, descending: false });
  const [text, setText] = useState("");
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const table = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const shown = useMemo(() => ordered(chosen(session.tests, { text, words: picked }), order), [session, text, picked, order]);
  useKeys([
    { keys: ["/"], what: "filter the tests", group: "Tests", run: () => field.current?.focus() },
    { keys: ["j", "ArrowDown"], what: "next test", group: "Tests", run: () => focusTest(table.current, 1) },
    { keys: ["k", "ArrowUp"], what: "previous test", group: "Tests", run: () => focusTest(table.current, -1) },
  ]);
  const toggle = (word: string) => {
    const next = new Set(picked);
    if (!next.delete(word)) next.add(word);
    setPicked(next);
  };
  return (
    <section class="session" aria-label="Tests" data-scrolls tabIndex={0}>
      <Sums session={session} />
      <div class="detail-bar session-bar">
        <input
          ref={field}
          class="field"
          type="search"
          placeholder="Filter tests"
          aria-label="Filter tests (/)"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
        />
        <Words session={session} picked={picked} onToggle={toggle} />
        <span class="detail-space" />
        <span class="detail-count" role="status">
          {shown.length < session.tests.length ? `${shown.length} of ` : ""}
          {counted(session.tests.length, "test")}
        </span>
      </div>
      <div class="tests" role="table" aria-label="Tests" aria-rowcount={shown.length + 1} ref={table}>
        <Heads order={order} onOrder={setOrder} />
        <LazyRows items={shown} height={30} role="rowgroup">
          {(test) => <TestRow key={`${test.test} ${test.cassette}`} test={test} />}
        </LazyRows>
      </div>
      {shown.length === 0 && <p class="detail-none">{session.tests.length === 0 ? "No test used a cassette." : "No test fits."}</p>}
      <Ends session={session} />
    </section>
  );
}

/** Put the focus on a test further down or up. */
function focusTest(table: HTMLElement | null, by: number): void {
  const rows = [...(table?.querySelectorAll<HTMLElement>(".test-name") ?? [])];
  const at = rows.findIndex((row) => row === document.activeElement);
  rows[Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
}

/** The results and verdicts there are, to choose by. */
function Words({ session, picked, onToggle }: { session: Tests; picked: ReadonlySet<string>; onToggle: (word: string) => void }): JSX.Element {
  const found = useMemo(() => words(session), [session]);
  return (
    <>
      {[found.results, found.verdicts].map((group, index) => (
        <span key={index} class="session-words" role="group" aria-label={index === 0 ? "Results" : "Verdicts"}>
          {[...group].map(([word, times]) => (
            <button key={word} class="button quiet" aria-pressed={picked.has(word)} onClick={() => onToggle(word)}>
              <bdi>{word}</bdi> <span class="detail-count">{times}</span>
            </button>
          ))}
        </span>
      ))}
    </>
  );
}

const COLUMNS: [column: Column, name: string][] = [
  ["test", "test"],
  ["result", "result"],
  ["verdict", "verdict"],
  ["calls", "calls"],
  ["tokens", "tokens"],
  ["cost", "cost"],
  ["seconds", "time"],
];

/** Largest first where there are numbers, then smallest, then as it matters. */
function Heads({ order, onOrder }: { order: Order; onOrder: (order: Order) => void }): JSX.Element {
  const press = (column: Column) => {
    const first = !["test", "result", "verdict"].includes(column);
    if (order.column !== column) onOrder({ column, descending: first });
    else if (order.descending === first) onOrder({ column, descending: !first });
    else onOrder({ column: null, descending: false });
  };
  return (
    <div role="rowgroup" class="test-heads">
      <div role="row" class="test-line">
        {COLUMNS.map(([column, name]) => {
          const sorted = order.column === column ? (order.descending ? "descending" : "ascending") : "none";
          return (
            <span key={column} role="columnheader" aria-sort={sorted} class="test-head" data-column={column}>
              <button class="test-sort" onClick={() => press(column)}>
                {name}
                {sorted !== "none" && <Icon name={sorted === "ascending" ? "up" : "down"} />}
              </button>
            </span>
          );
        })}
      </div>
    </div>
  );
}
