import { useMemo, useRef, useState } from "preact/hooks";
import type { Bundle, ComparisonHead, RunHead } from "../core/data";
import { count, counted } from "../core/format";
import { ariaSort, COLUMNS, found, foundBroken, newestFirst, nextSort, sorted, toggled, type Column } from "../core/library";
import { hashOf, placeOf } from "../core/place";
import { FilterField } from "./FilterField";
import { useKeys, useNavigation, usePlace } from "./hooks";
import { Icon } from "./icons";
import { Charts } from "./library/Charts";
import { Chips } from "./library/Chips";
import { Picked, pickedOf } from "./library/Picked";
import { BrokenRow, RunRow } from "./library/Rows";
import { SearchField } from "./library/SearchField";
import { useFindings } from "./library/useFindings";
import { Line } from "./Text";
import { TopBar } from "./TopBar";

/** A browser draws so many rows in a moment; more are drawn when they are asked for. */
const MOST = 500;

/** The runs of the page, and the comparisons made of them; what a server has, as it comes. */
export function LibraryPage({ onHelp }: { onHelp: () => void }) {
  const navigation = useNavigation();
  const { bundle } = navigation;
  const { library } = bundle;
  const place = usePlace();
  const [input, search] = [useRef<HTMLInputElement>(null), useRef<HTMLInputElement>(null)];
  const [most, setMost] = useState(MOST);
  const findings = useFindings(place.find, library?.at ?? "");
  const hits = place.find.trim() === "" ? null : (findings.searched?.found ?? new Map());
  const filtered = useMemo(() => found(bundle.runs, place.filter), [bundle, place.filter]);
  const asked = hits === null ? filtered : filtered.filter((run) => hits.has(run.key));
  const runs = library !== null && place.sort === null ? newestFirst(asked) : sorted(asked, place.sort);
  const broken = hits === null ? foundBroken(library?.broken ?? [], place.filter) : [];
  const picked = pickedOf(bundle.runs, place.picked);
  const columns = columnsOf(bundle);
  const pick = (key: string) => navigation.change({ picked: place.picked.includes(key) ? place.picked.filter((one) => one !== key) : [...place.picked, key].slice(-2) });
  useKeys([
    { keys: ["/"], what: "filter", group: "Filter", run: () => input.current?.select() },
    { keys: ["Escape"], what: "remove the filter", group: "Filter", run: () => (place.filter + place.find === "" ? (document.activeElement as HTMLElement | null)?.blur() : navigation.change({ filter: "", find: "" })) },
  ]);
  useKeys(
    library === null
      ? []
      : [
          { keys: ["s"], what: "search in all runs", group: "Filter", run: () => search.current?.select() },
          { keys: ["c"], what: "compare the two that are chosen", group: "Page", run: () => picked[0] && picked[1] && navigation.openComparison(navigation.comparisonOf(picked[0].key, picked[1].key) ?? "") },
        ],
  );
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
            state={asked.length === bundle.runs.length ? counted(asked.length, "run") : `${count(asked.length)} of ${count(bundle.runs.length)}`}
          />
          {library !== null && <SearchField field={search} value={place.find} findings={findings} onChange={(find) => navigation.change({ find })} />}
          {library !== null && library.unread > 0 && (
            <span class="dim library-reading" role="status">
              reading {count(library.unread)} more
            </span>
          )}
        </div>
        {library !== null && <Chips bundle={bundle} filter={place.filter} onChange={(filter) => navigation.change({ filter })} />}
        <Picked picked={picked} onClear={() => navigation.change({ picked: [] })} />
        <div class="main library">
          {library !== null && (
            <Charts runs={asked} onPick={({ term, run }) => (run === null ? term !== null && navigation.change({ filter: toggled(place.filter, term) }) : navigation.openRun(run))} />
          )}
          <table class="table">
            <thead>
              <tr>
                {library !== null && (
                  <td class="library-pick">
                    <span class="unseen">Compare</span>
                  </td>
                )}
                {columns.map((column) => (
                  <Head key={column.key} column={column} sort={place.sort} onPress={() => navigation.change({ sort: nextSort(place.sort, column.key) })} />
                ))}
              </tr>
            </thead>
            <tbody>
              {broken.map((one) => (
                <BrokenRow key={one.key} broken={one} columns={columns.length} />
              ))}
              {runs.slice(0, most).map((run) => (
                <RunRow
                  key={run.key}
                  run={run}
                  columns={columns}
                  find={place.find}
                  found={hits?.get(run.key) ?? null}
                  picked={library === null ? null : place.picked.includes(run.key)}
                  onPick={pick}
                />
              ))}
            </tbody>
          </table>
          {runs.length > most && (
            <button class="button library-more" onClick={() => setMost(most + MOST)}>
              {counted(Math.min(MOST, runs.length - most), "more run")} of {count(runs.length - most)}
            </button>
          )}
          {library !== null && runs.length + broken.length === 0 && <Nothing bundle={bundle} searching={hits !== null && findings.searched?.over !== true && findings.problem === null} />}
          {bundle.comparisons.length > 0 && <Comparisons comparisons={bundle.comparisons} runs={bundle.runs} />}
        </div>
      </main>
    </div>
  );
}

/** Recordings have no verdict but how they ended, and most ended well. */
function columnsOf({ library, runs }: Bundle): readonly Column[] {
  return library === null || runs.some((run) => run.running || run.verdict !== null) ? COLUMNS : COLUMNS.filter(({ key }) => key !== "verdict");
}

function Nothing({ bundle: { runs, library, title }, searching }: { bundle: Bundle; searching: boolean }) {
  return (
    <p class="library-nothing" role="status">
      {(library?.unread ?? 0) > 0 || searching ? (
        "Reading…"
      ) : runs.length + (library?.broken.length ?? 0) > 0 ? (
        "No run is like that."
      ) : (
        <>
          There is no cassette in <Line value={title} /> yet. What is recorded there appears here.
        </>
      )}
    </p>
  );
}

function Head({ column, sort, onPress }: { column: Column; sort: string | null; onPress: () => void }) {
  const order = ariaSort(sort, column);
  return (
    <th scope="col" data-number={column.number} data-column={column.key} aria-sort={order}>
      <button class="table-sort" onClick={onPress}>
        {column.name}
        <span class="table-order" data-order={order}>
          <Icon name="down" />
        </span>
      </button>
    </th>
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
