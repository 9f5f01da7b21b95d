import type { JSX } from "preact";
import type { Document } from "../../core/documents";
import { isContainer } from "../../core/json";
import { Line } from "../Text";
import { JsonTree } from "./JsonTree";
import { Lazy } from "./Lazy";
import { PlainText } from "./PlainText";

/** What a retrieval found, in its order. */
export function DocumentList({ documents }: { documents: readonly Document[] }): JSX.Element {
  const highest = Math.max(0, ...documents.map(({ measure }) => Math.abs(measure?.value ?? 0)));
  return (
    <ol class="documents">
      {documents.map((document, index) => (
        <li key={index} class="document">
          <Lazy height={80} now={index < 5}>
            {() => <DocumentView document={document} highest={highest} />}
          </Lazy>
        </li>
      ))}
    </ol>
  );
}

function DocumentView({ document, highest }: { document: Document; highest: number }): JSX.Element {
  const { rank, name, text, measure, whole } = document;
  return (
    <>
      <div class="document-head">
        <span class="turn-number">{rank}</span>
        {name !== null && (
          <code>
            <Line value={name} />
          </code>
        )}
        {measure !== null && (
          <span class="document-measure">
            {measure.name} {Number(measure.value.toPrecision(4))}
            <meter class="document-meter" min={0} max={highest || 1} value={Math.abs(measure.value)} aria-label={measure.name} />
          </span>
        )}
      </div>
      {text !== null && <PlainText value={text} most={800} />}
      {isContainer(whole) && (
        <details class="document-whole">
          <summary class="dim">all fields</summary>
          <JsonTree value={whole} label="All fields of the document" />
        </details>
      )}
    </>
  );
}
