import type { ComponentChildren, JSX } from "preact";
import type { Json, Span, SpanDetail } from "../../core/data";
import { counted, duration } from "../../core/format";
import type { Tree } from "../../core/tree";
import { Line } from "../Text";
import { Value } from "./PartView";
import { LazyRows } from "./Lazy";

/** What else is known of a step. */
export function Attributes({ span, detail, tree }: { span: Span; detail: SpanDetail; tree: Tree }): JSX.Element {
  const { call } = detail;
  const attributes = Object.entries(detail.attributes);
  const facts: [string, Json][] = [
    ["step", span.id],
    ["parent", span.parent],
    ["kind", span.kind],
    ["name", span.name],
    ["lane", span.lane],
    ["start", duration(span.start)],
    ["end", span.ms === null ? "running" : duration(tree.endOf(span))],
    ["duration", duration(span.ms)],
    ["provider", span.provider],
    ["model", span.model],
    ["finish", span.finish],
    ["attempts", span.attempts],
    ["format", call?.api ?? null],
  ];
  return (
    <>
      <section class="section">
        <h3>{attributes.length === 0 ? "No attributes" : counted(attributes.length, "attribute")}</h3>
        <Fields fields={attributes} />
      </section>
      {call?.request != null && Object.keys(call.request.parameters).length > 0 && (
        <section class="section">
          <h3>Parameters of the request</h3>
          <Fields fields={Object.entries(call.request.parameters)} />
        </section>
      )}
      {call?.response != null && Object.keys(call.response.extra).length > 0 && (
        <section class="section">
          <h3>Besides the answer</h3>
          <Fields fields={Object.entries(call.response.extra)} />
        </section>
      )}
      <section class="section">
        <h3>Step</h3>
        <Fields fields={facts.filter(([, value]) => value !== null)} />
      </section>
    </>
  );
}

/** Names and values. */
export function Fields({ fields }: { fields: readonly (readonly [string, Json])[] }): JSX.Element {
  return (
    <div class="field-rows">
      <LazyRows items={fields} height={24}>
        {([name, value], index) => (
          <FieldRow key={index} name={name}>
            <Value value={value} label={name} />
          </FieldRow>
        )}
      </LazyRows>
    </div>
  );
}

export function FieldRow({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="field-row">
      <span class="field-name">
        <Line value={name} />
      </span>
      <div class="field-value">{children}</div>
    </div>
  );
}
