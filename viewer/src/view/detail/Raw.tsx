import type { ComponentChildren, JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Attempt, Call, Details, Json, RawBody } from "../../core/data";
import { bytes, counted, duration } from "../../core/format";
import { bodyText, printed, resolved } from "../../core/json";
import { useCopy } from "../hooks";
import { Icon } from "../icons";
import { Line, Text } from "../Text";
import { JsonTree } from "./JsonTree";
import { PlainText } from "./PlainText";
import { EventList } from "./EventList";
import { Failed } from "./Failed";

/** What was sent and what came back, as on the wire. */
export function Raw({ call, details }: { call: Call; details: Details }): JSX.Element {
  const { attempts } = call;
  return (
    <>
      <Part title="Request" line={<Target call={call} />}>
        {call.path.length + call.query.length > LONG && <PlainText value={`${call.path}?${call.query}`} code />}
        <Headers headers={Object.entries(call.headers)} />
        <Body body={call.body} details={details} what="Request" />
      </Part>
      {attempts.map((attempt, index) => (
        <Part key={index} title={attempts.length > 1 ? `Attempt ${index + 1} of ${attempts.length}` : "Response"} line={<Line value={statusLine(attempt)} />} tone={toneOf(attempt)}>
          {attempt.failure !== null && <Failed failure={attempt.failure} />}
          <Headers headers={attempt.headers} />
          {attempt.events === null ? <Body body={attempt.body} details={details} what="Response" /> : <Events events={attempt.events} />}
        </Part>
      ))}
      {attempts.length === 0 && <p class="detail-note">Nothing came back.</p>}
    </>
  );
}

const ENDS = new Map([
  ["closed", "closed by the reader before its end"],
  ["cancelled", "cancelled"],
  ["abandoned", "abandoned"],
  ["failed", "failed"],
]);

function statusLine({ status, reason, end }: Attempt): string {
  const ended = end === "complete" ? "" : (ENDS.get(end) ?? end);
  return [`${status ?? "no status"} ${reason}`.trim(), ended].filter(Boolean).join(", ");
}

function toneOf({ status, failure, end }: Attempt): "error" | "ok" | null {
  if (failure !== null || status === null || status >= 400) return "error";
  return end === "complete" ? "ok" : null;
}

const LONG = 200;

/** What was called; a long address stands below once more, whole. */
function Target({ call: { method, path, query } }: { call: Call }): JSX.Element {
  return (
    <>
      <Line value={method} most={40} /> <Line value={path} most={LONG} />
      {query !== "" && "?"}
      <Line value={query} most={LONG} />
    </>
  );
}

function Part({ title, line, tone = null, children }: { title: string; line: ComponentChildren; tone?: "error" | "ok" | null; children: ComponentChildren }): JSX.Element {
  return (
    <section class="section raw-part">
      <h3>
        {title}{" "}
        <code class="raw-line" data-tone={tone}>
          {line}
        </code>
      </h3>
      {children}
    </section>
  );
}

function Headers({ headers }: { headers: [string, string][] }): JSX.Element | null {
  if (headers.length === 0) return null;
  return (
    <details class="raw-headers">
      <summary>{counted(headers.length, "header")}</summary>
      <table class="fields">
        <tbody>
          {headers.map(([name, value], index) => (
            <tr key={index}>
              <th scope="row">
                <Line value={name} />
              </th>
              <td>
                <PlainText value={value} code most={1000} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** A body as a tree or as text, to be copied. */
export function Body({ body, details, what }: { body: RawBody | null; details: Details; what: string }): JSX.Element {
  const [text, setText] = useState(false);
  const json = useMemo(() => (body !== null && "json" in body ? resolved(body, details.values) : null), [body, details]);
  const copy = useCopy();
  if (body === null) return <p class="dim">No body.</p>;
  const isJson = "json" in body;
  return (
    <>
      <div class="raw-ways">
        {isJson && (
          <span class="choices" role="group" aria-label={`Form of the ${what.toLowerCase()} body`}>
            <button class="button" aria-pressed={!text} onClick={() => setText(false)}>
              Tree
            </button>
            <button class="button" aria-pressed={text} onClick={() => setText(true)}>
              Text
            </button>
          </span>
        )}
        <button class="button quiet" onClick={() => copy(bodyText(body, details.values), `${what} body`)}>
          <Icon name="copy" /> Copy body
        </button>
      </div>
      {isJson && !text ? <JsonTree value={json} label={`${what} body`} open={3} /> : <BodyText body={body} json={json} />}
    </>
  );
}

function BodyText({ body, json }: { body: RawBody; json: Json }): JSX.Element {
  if ("json" in body) return <PlainText value={printed(json)} code most={8000} />;
  if ("text" in body) return body.text === "" ? <p class="dim">An empty body.</p> : <PlainText value={body.text} code />;
  return (
    <>
      <p class="dim">{bytes(Math.floor(body.base64.length * 0.75))} that are no text, as base64</p>
      <PlainText value={body.base64} code most={1000} />
    </>
  );
}

function Events({ events }: { events: NonNullable<Attempt["events"]> }): JSX.Element {
  const copy = useCopy();
  const last = events.at(-1);
  return (
    <>
      <div class="raw-ways">
        <span class="dim">
          {counted(events.length, "event")}
          {last === undefined ? "" : ` in ${duration(last.at)}`}
        </span>
        <button class="button quiet" onClick={() => copy(events.map(({ text }) => text).join("\n"), "Events")}>
          <Icon name="copy" /> Copy events
        </button>
      </div>
      {events.length === 0 ? (
        <p class="dim">
          <Text value="No event came." />
        </p>
      ) : (
        <EventList events={events} reached={events.length} />
      )}
    </>
  );
}
