import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Change, Json } from "../../core/data";
import { type Document, type Shift, shifts } from "../../core/documents";
import { isContainer, parsed } from "../../core/json";
import { textOf } from "../../core/said";
import { Line } from "../Text";
import { LeafDiff } from "./LeafDiff";
import { type Layout, TextDiff } from "./TextDiff";

/** How a change looks; nothing where the line that tells of it says it all. */
export function ChangeView({ change, layout }: { change: Change; layout: Layout }): JSX.Element | null {
  const { before, after } = change;
  if (change.kind === "trajectory" || change.inline || (before === null && after === null)) return null;
  if (change.cause === "documents" && Array.isArray(before) && Array.isArray(after)) return <Shifts before={before} after={after} layout={layout} />;
  return <Sides before={before} after={after} layout={layout} />;
}

function Sides({ before, after, layout }: { before: Json; after: Json; layout: Layout }): JSX.Element {
  const [old, now] = [valueOf(before), valueOf(after)];
  if (isContainer(old) && isContainer(now) && Array.isArray(old) === Array.isArray(now)) return <LeafDiff old={old} now={now} layout={layout} />;
  return <TextDiff old={before === null ? "" : textOf(before)} now={after === null ? "" : textOf(after)} layout={layout} />;
}

const valueOf = (value: Json) => (typeof value === "string" ? (parsed(value) ?? value) : value);

/** What became of the documents of a retrieval. */
function Shifts({ before, after, layout }: { before: Json[]; after: Json[]; layout: Layout }): JSX.Element {
  const found = useMemo(() => shifts(before, after), [before, after]);
  return (
    <ul class="shifts">
      {found.map((shift, index) => (
        <li key={index} class="shift" data-kind={shift.kind}>
          <ShiftView shift={shift} layout={layout} />
        </li>
      ))}
    </ul>
  );
}

function ShiftView({ shift: { kind, old, now }, layout }: { shift: Shift; layout: Layout }): JSX.Element {
  const either = now ?? old;
  return (
    <>
      <span class="badge" data-tone={kind === "removed" ? "error" : kind === "added" ? "ok" : undefined}>
        {kind}
      </span>{" "}
      <span class="turn-number">{[old?.rank, now?.rank].filter((rank) => rank !== undefined).filter((rank, index, all) => index === 0 || rank !== all[0]).join(" → ")}</span>{" "}
      <code>
        <Line value={either?.name ?? either?.text ?? ""} most={120} />
      </code>{" "}
      <span class="dim">{measures(old, now)}</span>
      {kind === "changed" && old !== null && now !== null && <Sides before={old.whole} after={now.whole} layout={layout} />}
      {(kind === "removed" || kind === "added") && either?.text != null && <TextDiff old={old?.text ?? ""} now={now?.text ?? ""} layout="unified" />}
    </>
  );
}

function measures(old: Document | null, now: Document | null): string {
  const told = [old, now].flatMap((document) => (document?.measure == null ? [] : [Number(document.measure.value.toPrecision(4))]));
  const name = (now ?? old)?.measure?.name ?? "";
  return told.length === 0 ? "" : `${name} ${[...new Set(told)].join(" → ")}`;
}
