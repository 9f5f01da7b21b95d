import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { parsed } from "../../core/json";
import { sections } from "../../core/markdown";
import { Text } from "../Text";
import { JsonTree } from "./JsonTree";
import { Lazy } from "./Lazy";
import { Markdown } from "./Markdown";
import { Foldable, heightOf, PlainText } from "./PlainText";
import { useSought } from "./sought";

export type Look = "markdown" | "plain";

interface Props {
  value: string;
  look: Look;
}

/** What somebody said: JSON as a tree, else Markdown, or the text as it is. */
export function Prose({ value, look }: Props): JSX.Element {
  const json = useMemo(() => (look === "markdown" ? parsed(value) : null), [value, look]);
  const [text, setText] = useState(false);
  const holds = useSought();
  if (look === "plain") return <PlainText value={value} />;
  if (json === null) return <Marked value={value} />;
  return (
    <div class="prose-json">
      <button class="button quiet prose-switch" onClick={() => setText(!text)}>
        {text ? "as a tree" : "as text"}
      </button>
      {text || holds(value) ? <PlainText value={value} code /> : <JsonTree value={json} label="JSON" />}
    </div>
  );
}

function Marked({ value }: { value: string }): JSX.Element {
  return (
    <Foldable value={value}>
      {(shown) => <Sections value={shown} />}
    </Foldable>
  );
}

function Sections({ value }: { value: string }): JSX.Element {
  const found = useMemo(() => sections(value), [value]);
  const holds = useSought();
  return (
    <div class="prose">
      {found.map((section, index) => (
        <Lazy key={index} height={heightOf(section.text)} now={index === 0 || holds(section.text)}>
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
