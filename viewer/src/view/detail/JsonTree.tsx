import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Json } from "../../core/data";
import { count } from "../../core/format";
import { type Container, depthFor, entries, inline, isContainer, parsed, size } from "../../core/json";
import { Line, Text } from "../Text";
import { PlainText } from "./PlainText";

interface Props {
  value: Json;
  /** What it is, for those who do not see it. */
  label: string;
  /** How many levels are open at first; as many as a page bears, at most. */
  open?: number;
}

const SOME = 100;
const LONG = 300;

/** A value whose levels are drawn as they are opened. */
export function JsonTree({ value, label, open = 1 }: Props): JSX.Element {
  const depth = useMemo(() => Math.min(open, depthFor(value, 200)), [value, open]);
  return (
    <div class="json" role="group" aria-label={label}>
      {isContainer(value) && size(value) > 0 ? <Entries value={value} depth={depth} /> : <Value value={value} />}
    </div>
  );
}

function Entries({ value, depth }: { value: Container; depth: number }): JSX.Element {
  const [shown, setShown] = useState(SOME);
  const left = size(value) - shown;
  return (
    <div class="json-entries">
      {entries(value, 0, shown).map(([key, item]) => (
        <Entry key={key} name={key} value={item} depth={depth} />
      ))}
      {left > 0 && (
        <button class="button quiet" onClick={() => setShown(shown + 10 * SOME)}>
          {left <= 10 * SOME ? `show ${count(left)} more` : `show ${count(10 * SOME)} of ${count(left)} more`}
        </button>
      )}
    </div>
  );
}

function Entry({ name, value, depth }: { name: string; value: Json; depth: number }): JSX.Element {
  if (!isContainer(value) || size(value) === 0)
    return (
      <div class="json-leaf">
        <Key name={name} /> <Value value={value} />
      </div>
    );
  return <Branch name={name} value={value} depth={depth} />;
}

function Branch({ name, value, depth }: { name: string; value: Container; depth: number }): JSX.Element {
  const [open, setOpen] = useState(depth > 1);
  return (
    <details class="json-branch" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Key name={name} /> <span class="json-brief">{open ? `${Array.isArray(value) ? `[${count(size(value))}]` : `{${count(size(value))}}`}` : <Line value={inline(value)} />}</span>
      </summary>
      {open && <Entries value={value} depth={depth - 1} />}
    </details>
  );
}

function Key({ name }: { name: string }): JSX.Element {
  return (
    <span class="json-key">
      <Line value={name} />
    </span>
  );
}

function Value({ value }: { value: Json }): JSX.Element {
  if (typeof value === "string") return <TextValue value={value} />;
  const kind = value === null ? "null" : typeof value;
  return (
    <span class="json-value" data-type={kind}>
      {isContainer(value) ? inline(value) : String(value)}
    </span>
  );
}

/** A text; one that spells JSON can be opened as that. */
function TextValue({ value }: { value: string }): JSX.Element {
  const json = useMemo(() => parsed(value), [value]);
  const [open, setOpen] = useState(false);
  const long = value.length > LONG || value.includes("\n");
  return (
    <>
      {long ? (
        <div class="json-text">
          <PlainText value={value} most={LONG * 2} />
        </div>
      ) : (
        <span class="json-value" data-type="string">
          <Text value={value} />
        </span>
      )}
      {json !== null && (
        <button class="button quiet json-inner" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "hide JSON" : "as JSON"}
        </button>
      )}
      {json !== null && open && <JsonTree value={json} label="JSON in the text" />}
    </>
  );
}
