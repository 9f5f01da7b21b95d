import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { parsed } from "../../core/json";
import { sections } from "../../core/markdown";
import { Text } from "../Text";
import { JsonTree } from "./JsonTree";
import { Lazy } from "./Lazy";
import { Markdown } from "./Markdown";
import { Foldable, heightOf, PlainText } from "./PlainText";

export type Look = "markdown" | "plain";

interface Props {
  value: string;
  look: Look;
  /** Show all of it, as where something is searched in it. */
  whole?: boolean;
}

/** What somebody said: JSON as a tree, else Markdown, or the text as it is. */
export function Prose({ value, look, whole = false }: Props): JSX.Element {
  const json = useMemo(() => (look === "markdown" ? parsed(value) : null), [value, look]);
  const [text, setText] = useState(false);
  if (look === "plain") return <PlainText value={value} whole={whole} />;
  if (json === null) return <Marked value={value} whole={whole} />;
  return (
    <div class="prose-json">
      <button class="button quiet prose-switch" onClick={() => setText(!text)}>
        {text ? "as a tree" : "as text"}
      </button>
      {text || whole ? <PlainText value={value} code whole={whole} /> : <JsonTree value={json} label="JSON" />}
    </div>
  );
}

function Marked({ value, whole }: { value: string; whole: boolean }): JSX.Element {
  return (
    <Foldable value={value} whole={whole}>
      {(shown) => <Sections value={shown} />}
    </Foldable>
  );
}

function Sections({ value }: { value: string }): JSX.Element {
  const found = useMemo(() => sections(value), [value]);
  return (
    <div class="prose">
      {found.map((section, index) => (
        <Lazy key={index} height={heightOf(section.text)} now={index === 0}>
          {() =>
            section.marked ? (
              <Markdown value={section.text} />
            ) : (
              <div class="plain" dir="auto">
                <Text value={section.text} />
              </div>
            )
          }
        </Lazy>
      ))}
    </div>
  );
}
