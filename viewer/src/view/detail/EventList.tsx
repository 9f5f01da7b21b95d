import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { StreamEvent } from "../../core/data";
import { duration } from "../../core/format";
import { Line, Text } from "../Text";
import { JsonTree } from "./JsonTree";
import { parsed } from "../../core/json";
import { PlainText } from "./PlainText";
import { LazyRows } from "./Lazy";

interface Props {
  events: readonly StreamEvent[];
  /** How many had come. */
  reached: number;
}

/** Events with their times; each opens. */
export function EventList({ events, reached }: Props): JSX.Element {
  return (
    <div class="events">
      <LazyRows items={events} height={22}>
        {(event, index) => <EventRow key={index} event={event} after={index === 0 ? null : (events[index - 1]?.at ?? null)} number={index + 1} come={index < reached} />}
      </LazyRows>
    </div>
  );
}

function EventRow({ event, after, number, come }: { event: StreamEvent; after: number | null; number: number; come: boolean }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <details class="event" open={open} onToggle={(toggled) => setOpen(toggled.currentTarget.open)} data-come={come}>
      <summary>
        <span class="event-number">{number}</span>
        <span class="event-time">{duration(event.at)}</span>
        <span class="event-gap">{after === null ? "" : `+${duration(Math.max(0, event.at - after))}`}</span>
        <span class="event-text" data-said={event.said?.type}>
          {event.said === null ? <Line value={event.text} most={200} /> : <Text value={event.said.text.slice(0, 200).replaceAll("\n", "↵")} />}
        </span>
      </summary>
      {open && <EventData text={event.text} />}
    </details>
  );
}

/** The data of an event of server-sent events is JSON after `data:` as a rule. */
function EventData({ text }: { text: string }): JSX.Element {
  const json = parsed(text.replace(/^(?:event:[^\n]*\n)?data: ?/, ""));
  return json === null ? <PlainText value={text} code /> : <JsonTree value={json} label="Data of the event" open={4} />;
}
