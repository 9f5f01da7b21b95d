import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { asked, offered, turns } from "../../core/conversation";
import type { Call, Details, Json, Span, SpanDetail } from "../../core/data";
import { documentsIn } from "../../core/documents";
import { counted } from "../../core/format";
import { firstNew } from "../../core/novelty";
import { Text } from "../Text";
import { DocumentList } from "./DocumentList";
import { Failed } from "./Failed";
import { Value } from "./PartView";
import { Body } from "./Raw";
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
      {call === null && <InAndOut span={span} detail={detail} ended={ended} />}
      {call !== null && call.request === null && <Bodies call={call} details={details} ended={ended} />}
      {call?.request != null && <Conversation call={call} details={details} ended={ended} />}
      {!ended && <p class="detail-note">Not over yet{travelling ? " at this moment" : ""}.</p>}
    </>
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

/** A call that is no conversation, such as for an embedding: what it sent, and what came back in the end. */
function Bodies({ call, details, ended }: { call: Call; details: Details; ended: boolean }): JSX.Element {
  const last = call.attempts.at(-1);
  return (
    <>
      <section class="section">
        <h3>Request</h3>
        <Body body={call.body} details={details} what="Request" />
      </section>
      {ended && last !== undefined && (
        <section class="section">
          <h3>Response</h3>
          <Body body={last.body} details={details} what="Response" />
        </section>
      )}
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
