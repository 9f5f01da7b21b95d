import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { asked, offered, turns } from "../../core/conversation";
import type { Call, Details, Failure, Json, Span, SpanDetail } from "../../core/data";
import { documentsIn } from "../../core/documents";
import { counted } from "../../core/format";
import { firstNew } from "../../core/novelty";
import { Icon } from "../icons";
import { Line, Text } from "../Text";
import { DocumentList } from "./DocumentList";
import { Value } from "./PartView";
import { PlainText } from "./PlainText";
import { ToolList } from "./ToolList";
import { TurnList } from "./TurnList";

interface Props {
  span: Span;
  detail: SpanDetail;
  details: Details;
  /** Whether the step has ended, at the moment that is looked at. */
  ended: boolean;
  /** Whether a moment of the past is looked at. */
  travelling: boolean;
}

/** What went into a step and what came out, as a person reads it. */
export function Rendered({ span, detail, details, ended, travelling }: Props): JSX.Element {
  const { call } = detail;
  return (
    <>
      {ended && span.error !== null && <Failed failure={span.error} />}
      {call?.request != null ? <Conversation call={call} details={details} ended={ended} /> : <InAndOut span={span} detail={detail} ended={ended} />}
      {!ended && <p class="detail-note">Not over yet{travelling ? " at this moment" : ""}.</p>}
    </>
  );
}

export function Failed({ failure }: { failure: Failure }): JSX.Element {
  return (
    <div class="failure">
      <p class="failure-type">
        <Icon name="error" />
        <Line value={failure.type} />
      </p>
      {failure.message !== "" && <PlainText value={failure.message} code />}
    </div>
  );
}

function Conversation({ call, details, ended }: { call: Call; details: Details; ended: boolean }): JSX.Element {
  const said = useMemo(() => (ended ? turns(call, details) : asked(call, details)), [call, details, ended]);
  const fresh = useMemo(() => firstNew(call, details), [call, details]);
  return (
    <>
      <TurnList turns={said} firstNew={fresh}>
        <ToolList tools={offered(call, details)} />
      </TurnList>
      {ended && <Ending call={call} />}
    </>
  );
}

/** Why an answer ended, where that is not as usual. */
function Ending({ call }: { call: Call }): JSX.Element {
  const { response } = call;
  if (response === null) return <p class="detail-note">There is no answer.</p>;
  return (
    <>
      {!response.complete && <p class="detail-note">The answer was cut short.</p>}
      {response.error !== null && (
        <section class="section">
          <h3>Error in the answer</h3>
          <Value value={response.error} label="Error" />
        </section>
      )}
      {response.messages.length === 0 && response.error === null && <p class="detail-note">The answer says nothing.</p>}
    </>
  );
}

function InAndOut({ span, detail, ended }: { span: Span; detail: SpanDetail; ended: boolean }): JSX.Element {
  const documents = useMemo(() => (span.kind === "retrieval" ? documentsIn(detail.output) : null), [detail, span.kind]);
  return (
    <>
      <Section title={NAMES_IN[span.kind] ?? "Input"} value={detail.input} />
      {!ended ? null : documents === null ? (
        <Section title={span.kind === "tool" ? "Result" : "Output"} value={detail.output} />
      ) : (
        <section class="section">
          <h3>{counted(documents.length, "document")}</h3>
          <DocumentList documents={documents} />
        </section>
      )}
    </>
  );
}

const NAMES_IN: Partial<Record<Span["kind"], string>> = { tool: "Arguments", retrieval: "Query" };

function Section({ title, value }: { title: string; value: Json }): JSX.Element {
  return (
    <section class="section">
      <h3>{title}</h3>
      {value === null ? (
        <p class="dim">
          <Text value="none" />
        </p>
      ) : (
        <Value value={value} label={title} />
      )}
    </section>
  );
}
