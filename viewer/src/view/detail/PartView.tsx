import type { ComponentChildren, JSX } from "preact";
import type { Json, Part } from "../../core/data";
import { bytes, count, counted } from "../../core/format";
import { inline, isContainer, parsed } from "../../core/json";
import { isParts, textOf } from "../../core/said";
import { Icon } from "../icons";
import { Line, Text } from "../Text";
import { JsonTree } from "./JsonTree";
import { PlainText } from "./PlainText";
import { type Look, Prose } from "./Prose";
import { useSought } from "./sought";
import { Address } from "./Markdown";

interface Props {
  part: Part;
  look: Look;
  /** The names of the tools that were called, by the ids of the calls. */
  names: ReadonlyMap<string, string>;
}

/** A part of a message. */
export function PartView({ part, look, names }: Props): JSX.Element | null {
  switch (part.type) {
    case "text":
      return part.content === "" ? null : <Prose value={part.content} look={look} />;
    case "refusal":
      return (
        <Boxed icon="warning" title="Refusal" tone="warn">
          <Prose value={part.content} look={look} />
        </Boxed>
      );
    case "reasoning":
      return <Reasoning content={part.content} look={look} />;
    case "tool_call":
      return (
        <Boxed icon="tool" title={<Name value={part.name} />} aside={[part.server ? "run by the provider" : null, part.id]}>
          <Value value={part.arguments} label="Arguments" />
        </Boxed>
      );
    case "tool_call_response":
      return (
        <Boxed icon={part.failed ? "error" : "data"} title={<Result name={part.name ?? names.get(part.id ?? "") ?? null} failed={part.failed} />} aside={[part.id]} tone={part.failed ? "error" : null}>
          <Response value={part.response} look={look} names={names} />
        </Boxed>
      );
    case "blob":
      return <Blob part={part} />;
    case "uri":
      return (
        <Boxed icon="link" title={`${kindOf(part.modality, part.mime_type)} at an address, not loaded`}>
          <Address value={part.uri} />
        </Boxed>
      );
    case "file":
      return (
        <Boxed icon="custom" title={`${kindOf(part.modality, null)}, uploaded before`}>
          <PlainText value={part.file_id} code />
        </Boxed>
      );
    case "unknown":
      return (
        <Boxed icon="custom" title={<Name value={part.kind} />}>
          <Value value={part.value} label="Value" />
        </Boxed>
      );
  }
}

interface BoxedProps {
  icon: Parameters<typeof Icon>[0]["name"];
  title: ComponentChildren;
  aside?: (string | null)[];
  tone?: "error" | "warn" | null;
  children: ComponentChildren;
}

function Boxed({ icon, title, aside = [], tone = null, children }: BoxedProps): JSX.Element {
  return (
    <div class="part" data-tone={tone}>
      <div class="part-head">
        <Icon name={icon} />
        <span class="part-title">{title}</span>
        {aside.map(
          (text) =>
            text !== null && (
              <span key={text} class="part-aside">
                <Line value={text} most={60} />
              </span>
            ),
        )}
      </div>
      <div class="part-body">{children}</div>
    </div>
  );
}

function Name({ value }: { value: string }): JSX.Element {
  return (
    <code>
      <Line value={value} />
    </code>
  );
}

function Result({ name, failed }: { name: string | null; failed: boolean }): JSX.Element {
  return (
    <>
      {failed ? "Failure" : "Result"}
      {name !== null && (
        <>
          {" of "}
          <Name value={name} />
        </>
      )}
    </>
  );
}

function Reasoning({ content, look }: { content: string | null; look: Look }): JSX.Element {
  const holds = useSought();
  if (content === null)
    return (
      <p class="part-none">
        <Icon name="decision" /> Reasoning, encrypted
      </p>
    );
  return (
    <details class="reasoning" open={holds(content)}>
      <summary>
        <Icon name="decision" /> Reasoning <span class="dim">{counted(content.length, "character")}</span>
      </summary>
      <Prose value={content} look={look} />
    </details>
  );
}

/** What a tool gave back: parts, JSON, or text. */
function Response({ value, look, names }: { value: Json | Part[]; look: Look; names: ReadonlyMap<string, string> }): JSX.Element {
  if (!isParts(value)) return <Value value={value as Json} label="Result" />;
  return (
    <>
      {value.map((part, index) => (
        <PartView key={index} part={part} look={look} names={names} />
      ))}
    </>
  );
}

interface ValueProps {
  value: Json;
  label: string;
}

/** Whatever went in or came out: a tree, or a text. */
export function Value({ value, label }: ValueProps): JSX.Element {
  const holds = useSought();
  if (value === null) return <span class="json-value" data-type="null">null</span>;
  const given = typeof value === "string" ? (parsed(value) ?? value) : value;
  if (typeof given !== "string" && holds(textOf(given))) return <PlainText value={textOf(given)} code />;
  if (typeof given === "string") return <PlainText value={given} code={looksLikeCode(given)} />;
  return isContainer(given) && inline(given, 1) !== "{}" ? <JsonTree value={given} label={label} open={2} /> : <code>{inline(given)}</code>;
}

// Columns, diffs and code need letters of one width; prose does not.
function looksLikeCode(text: string): boolean {
  return /^(?:[ \t]{2,}\S|[-+@]{1,3} ?\S|\S+[ \t]{2,}\S|\||\$ |.*[{};]$)/m.test(text.slice(0, 2000));
}

/** The sorts of images that hold nothing but a picture. */
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

function Blob({ part }: { part: Extract<Part, { type: "blob" }> }): JSX.Element {
  const title = `${kindOf(part.modality, part.mime_type)}, ${bytes(part.size)}`;
  const picture = part.base64 !== undefined && PICTURES.has(part.mime_type ?? "") && /^[A-Za-z0-9+/=\s]*$/.test(part.base64);
  return (
    <Boxed icon="custom" title={<Text value={title} />}>
      {picture ? (
        <img class="part-picture" src={`data:${part.mime_type};base64,${part.base64}`} alt={title} />
      ) : (
        <span class="part-aside">
          sha256 <Line value={part.sha256} />
        </span>
      )}
    </Boxed>
  );
}

function kindOf(modality: string, mime: string | null): string {
  return mime ?? (modality === "" ? "Data" : modality);
}

/** Tokens as a reader wants them. */
export function Tokens({ value }: { value: number | null }): JSX.Element {
  return <span class={value === null ? "dim" : undefined}>{count(value)}</span>;
}
