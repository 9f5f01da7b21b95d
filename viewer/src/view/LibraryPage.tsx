import { useRef } from "preact/hooks";
import type { ComparisonHead, RunHead } from "../core/data";
import { cost, count, counted, date, duration } from "../core/format";
import { ariaSort, COLUMNS, found, nextSort, sorted, type Column } from "../core/library";
import { hashOf, placeOf } from "../core/place";
import { FilterField } from "./FilterField";
import { useKeys, useNavigation, usePlace } from "./hooks";
import { Icon } from "./icons";
import { Line } from "./Text";
import { TopBar } from "./TopBar";
import { Verdict } from "./Verdict";

/** The runs of the page, and the comparisons made of them. */
export function LibraryPage({ onHelp }: { onHelp: () => void }) {
  const navigation = useNavigation();
  const { bundle } = navigation;
  const place = usePlace();
  const input = useRef<HTMLInputElement>(null);
  const runs = sorted(found(bundle.runs, place.filter), place.sort);
  useKeys([
    { keys: ["/"], what: "filter", group: "Filter", run: () => input.current?.select() },
    { keys: ["Escape"], what: "remove the filter", group: "Filter", run: () => (place.filter === "" ? input.current?.blur() : navigation.change({ filter: "" })) },
  ]);
  return (
    <div class="page">
      <TopBar title={bundle.title} onHelp={onHelp} />
      <main class="body">
        <div class="toolbar">
          <FilterField
            field={input}
            value={place.filter}
            placeholder="Filter: name, path, tag, model, verdict"
            onChange={(filter) => navigation.change({ filter })}
            state={runs.length === bundle.runs.length ? counted(runs.length, "run") : `${count(runs.length)} of ${count(bundle.runs.length)}`}
          />
        </div>
        <div class="main library">
          <table class="table">
            <thead>
              <tr>
                {COLUMNS.map((column) => (
                  <Head key={column.key} column={column} sort={place.sort} onPress={() => navigation.change({ sort: nextSort(place.sort, column.key) })} />
                ))}
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <RunRow key={run.key} run={run} />
              ))}
            </tbody>
          </table>
          {bundle.comparisons.length > 0 && <Comparisons comparisons={bundle.comparisons} runs={bundle.runs} />}
        </div>
      </main>
    </div>
  );
}

function Head({ column, sort, onPress }: { column: Column; sort: string | null; onPress: () => void }) {
  const order = ariaSort(sort, column);
  return (
    <th scope="col" data-number={column.number} aria-sort={order}>
      <button class="table-sort" onClick={onPress}>
        {column.name}
        <span class="table-order" data-order={order}>
          <Icon name="down" />
        </span>
      </button>
    </th>
  );
}

function RunRow({ run }: { run: RunHead }) {
  const { totals } = run;
  const { input, output } = totals.usage;
  return (
    <tr>
      <th scope="row">
        <a href={hashOf(placeOf("run", run.key))}>
          <Line value={run.name} />
        </a>
        {run.path !== null && (
          <span class="table-path">
            <Line value={run.path} />
          </span>
        )}
      </th>
      <td>
        <Verdict head={run} />
      </td>
      <td data-number>{date(run.recorded)}</td>
      <td data-number>{duration(totals.ms)}</td>
      <td data-number>{count(totals.spans)}</td>
      <td data-number>{count(totals.llm_calls)}</td>
      <td data-number>{count(totals.tool_calls)}</td>
      <td data-number>{input === null && output === null ? "unknown" : count((input ?? 0) + (output ?? 0))}</td>
      <td data-number>{cost(totals.cost)}</td>
      <td data-number>
        {totals.errors > 0 && (
          <span class="table-errors">
            <Icon name="error" /> {count(totals.errors)}
          </span>
        )}
      </td>
    </tr>
  );
}

function Comparisons({ comparisons, runs }: { comparisons: readonly ComparisonHead[]; runs: readonly RunHead[] }) {
  const name = (key: string) => runs.find((run) => run.key === key)?.name ?? key;
  return (
    <section class="library-comparisons">
      <h2>Comparisons</h2>
      <ul>
        {comparisons.map((one) => (
          <li key={one.key}>
            <Icon name="compare" />
            <a href={hashOf(placeOf("compare", one.key))}>
              <Line value={name(one.old)} /> and <Line value={name(one.new)} />
            </a>
            <span class="dim">{one.roots === 0 ? "the same" : `${counted(one.roots, "change")}, ${count(one.downstream)} downstream`}</span>
            {one.first !== null && <Line value={one.first} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
