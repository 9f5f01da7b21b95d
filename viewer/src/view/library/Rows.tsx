import type { Broken, Found, RunHead } from "../../core/data";
import { cost, count, counted, date, duration } from "../../core/format";
import { placeBeside, tokensOf, type Column } from "../../core/library";
import { hashOf, placeOf } from "../../core/place";
import { Icon } from "../icons";
import { Line } from "../Text";
import { Verdict } from "../Verdict";

interface Props {
  run: RunHead;
  columns: readonly Column[];
  /** What was looked for, and found in it. */
  find: string;
  found: Found | null;
  /** Null where nothing can be compared. */
  picked: boolean | null;
  onPick: (key: string) => void;
}

/** A run, and beneath it the steps that were found in it. */
export function RunRow({ run, columns, find, found, picked, onPick }: Props) {
  const filter = find.trim();
  return (
    <>
      <tr data-running={run.running}>
        {picked !== null && (
          <td class="library-pick">
            <input type="checkbox" checked={picked} onChange={() => onPick(run.key)} aria-label={`Compare ${run.path ?? run.name}`} />
          </td>
        )}
        {columns.map((column) => (
          <Cell key={column.key} column={column} run={run} filter={found === null ? "" : filter} />
        ))}
      </tr>
      {found !== null && (
        <tr class="library-hits">
          {picked !== null && <td />}
          <td colSpan={columns.length}>
            <ul>
              {found.hits.map((hit) => (
                <li key={hit.span}>
                  <a href={hashOf(placeOf("run", run.key, { span: hit.span, filter }))} data-kind={hit.kind}>
                    <Icon name={hit.kind} />
                    <span class="library-hit-label">
                      <Line value={hit.label} most={40} />
                    </span>
                    <span class="library-hit-text">
                      <Piece value={hit.before} />
                      {hit.hit !== "" && (
                        <mark>
                          <Piece value={hit.hit} />
                        </mark>
                      )}
                      <Piece value={hit.after} />
                    </span>
                  </a>
                </li>
              ))}
              {found.steps > found.hits.length && (
                <li>
                  <a class="library-all" href={hashOf(placeOf("run", run.key, { filter }))}>all {counted(found.steps, "step")}</a>
                </li>
              )}
            </ul>
          </td>
        </tr>
      )}
    </>
  );
}

/** A part of a line: the spaces at its ends stay. */
function Piece({ value }: { value: string }) {
  return (
    <>
      {value.startsWith(" ") && " "}
      <Line value={value} />
      {value.length > 1 && value.endsWith(" ") && " "}
    </>
  );
}

function Cell({ column: { key }, run, filter }: { column: Column; run: RunHead; filter: string }) {
  const { totals } = run;
  if (key === "name") {
    const where = placeBeside(run);
    return (
      <th scope="row">
        <a href={hashOf(placeOf("run", run.key, { filter }))}>
          <Line value={run.name} />
        </a>
        {where !== "" && (
          <span class="table-path">
            <Line value={where} />
          </span>
        )}
      </th>
    );
  }
  if (key === "verdict") {
    return (
      <td>
        <Verdict head={run} />
      </td>
    );
  }
  if (key === "errors") {
    return (
      <td data-number data-column={key}>
        {totals.errors > 0 && (
          <span class="table-errors">
            <Icon name="error" /> {count(totals.errors)}
          </span>
        )}
      </td>
    );
  }
  return (
    <td data-number data-column={key}>
      {said(key, run)}
    </td>
  );
}

function said(key: string, run: RunHead): string {
  const { totals } = run;
  switch (key) {
    case "recorded":
      return date(run.recorded);
    case "duration":
      return duration(totals.ms);
    case "steps":
      return count(totals.spans);
    case "calls":
      return count(totals.llm_calls);
    case "tools":
      return count(totals.tool_calls);
    case "tokens":
      return count(tokensOf(run));
    default:
      return cost(totals.cost);
  }
}

/** A cassette that cannot be read: what is wrong with it. */
export function BrokenRow({ broken: { path, problem }, columns }: { broken: Broken; columns: number }) {
  return (
    <tr class="library-broken">
      <td />
      <th scope="row">
        <Line value={path} />
      </th>
      <td colSpan={columns - 1}>
        <span class="badge" data-tone="error">
          <Icon name="error" />
          broken
        </span>{" "}
        <Line value={problem} most={300} />
      </td>
    </tr>
  );
}
