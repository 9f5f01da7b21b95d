import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { counted } from "../../core/format";
import { type Line as TextLine, type Row, rows, shortened, type Shown, type Stretch, stretches, unified } from "../../core/lines";
import { Lazy } from "../detail/Lazy";
import { Text } from "../Text";

export type Layout = "split" | "unified";

interface Props {
  old: string;
  now: string;
  layout: Layout;
}

/** Two texts, line by line, with the words that changed. */
export function TextDiff({ old, now, layout }: Props): JSX.Element {
  const all = useMemo(() => rows(old, now), [old, now]);
  const found = useMemo(() => stretches(all), [all]);
  // A side that has nothing needs no column.
  const shape = old === "" || now === "" ? "unified" : layout;
  return (
    <div class="diff" data-layout={shape} role="group" aria-label="Difference of texts">
      {found.map((stretch, index) => (
        <Stretched key={index} stretch={stretch} layout={shape} first={index === 0} />
      ))}
    </div>
  );
}

const TOGETHER = 100;

function Stretched({ stretch, layout, first }: { stretch: Stretch; layout: Layout; first: boolean }): JSX.Element {
  const [open, setOpen] = useState(false);
  if (stretch.folded && !open)
    return (
      <button class="diff-fold" onClick={() => setOpen(true)}>
        {counted(stretch.rows.length, "equal line")}
      </button>
    );
  const parts = Array.from({ length: Math.ceil(stretch.rows.length / TOGETHER) }, (_, index) => stretch.rows.slice(index * TOGETHER, (index + 1) * TOGETHER));
  return (
    <>
      {parts.map((part, index) => (
        <Lazy key={index} height={part.length * 18} now={first && index === 0}>
          {() => (layout === "split" ? <Split rows={part} /> : <Unified rows={part} />)}
        </Lazy>
      ))}
    </>
  );
}

function Unified({ rows: given }: { rows: Row[] }): JSX.Element {
  return (
    <>
      {unified(given).map(({ sign, old, now, segments }, index) => (
        <div key={index} class="diff-row" data-sign={sign}>
          <span class="diff-number">{old}</span>
          <span class="diff-number">{now}</span>
          <Sign value={sign} />
          <Said segments={shortened(segments)} />
        </div>
      ))}
    </>
  );
}

function Split({ rows: given }: { rows: Row[] }): JSX.Element {
  return (
    <>
      {given.map((row, index) => (
        <div key={index} class="diff-pair">
          <Side line={row.old} sign={row.changed ? "-" : " "} />
          <Side line={row.now} sign={row.changed ? "+" : " "} />
        </div>
      ))}
    </>
  );
}

function Side({ line, sign }: { line: TextLine | null; sign: " " | "-" | "+" }): JSX.Element {
  if (line === null) return <div class="diff-row diff-nothing" />;
  return (
    <div class="diff-row" data-sign={sign}>
      <span class="diff-number">{line.number}</span>
      <Sign value={sign} />
      <Said segments={shortened(line.segments)} />
    </div>
  );
}

const SIGNS = { " ": "", "-": "removed", "+": "added" };

function Sign({ value }: { value: " " | "-" | "+" }): JSX.Element {
  return (
    <span class="diff-sign" aria-label={SIGNS[value]}>
      {value}
    </span>
  );
}

function Said({ segments }: { segments: Shown[] }): JSX.Element {
  return (
    <span class="diff-text" dir="auto" data-whole={segments.every(({ kind }) => kind !== "same")}>
      {segments.map((segment, index) => (
        <Segment key={index} segment={segment} />
      ))}
    </span>
  );
}

function Segment({ segment }: { segment: Shown }): JSX.Element {
  const [open, setOpen] = useState(false);
  if (segment.hidden && !open)
    return (
      <button class="diff-hidden" onClick={() => setOpen(true)}>
        … {counted(segment.text.length, "equal character")} …
      </button>
    );
  if (segment.kind === "same") return <Text value={segment.text} />;
  // White space that changed would not be seen.
  const text = <Text value={segment.text.trim() === "" ? segment.text.replaceAll(" ", "·").replaceAll("\t", "→") : segment.text} />;
  return segment.kind === "gone" ? <del>{text}</del> : <ins>{text}</ins>;
}
