import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { asked, type Turn, turns } from "../../core/conversation";
import type { Details, Span } from "../../core/data";
import { duration } from "../../core/format";
import type { Moment, Moments } from "../../core/moments";
import { firstNew } from "../../core/novelty";
import { conversations, lastMoment, type Standing } from "../../core/standing";
import { useNavigation } from "../hooks";
import { Icon } from "../icons";
import { Line } from "../Text";
import { TurnList } from "./TurnList";

interface Props {
  span: Span | null;
  details: Details;
  moments: Moments;
  /** Where the reader is in time; null for the end. */
  moment: Moment | null;
}

/** The conversation of a step, or of the run, as it stood at a moment. */
export function Conversation({ span, details, moments, moment }: Props): JSX.Element {
  const at = moment ?? lastMoment(moments, span);
  // While one travels, every step is a place in the run; else an agent or a chain is looked at for its own sake.
  const root = moment === null && (span?.kind === "agent" || span?.kind === "chain") ? span : null;
  const found = useMemo(() => (at === null ? [] : conversations(moments, details, root, at)), [moments, details, root, at]);
  const [chosen, setChosen] = useState<number | null>(null);
  const shown = found.find(({ call }) => call.id === chosen) ?? found[0] ?? null;
  if (at === null) return <p class="detail-none">Nothing has happened in this run.</p>;
  return (
    <>
      <p class="detail-note">
        As it stood at {duration(at.at)}, at the {at.edge} of step {at.span} <Line value={moments.tree.find(at.span)?.label ?? ""} most={40} />
      </p>
      {found.length > 1 && <Chooser found={found} shown={shown} moments={moments} onChoose={setChosen} />}
      {shown === null ? <p class="detail-none">No model had been asked yet.</p> : <Stood key={shown.call.id} standing={shown} details={details} />}
    </>
  );
}

interface ChooserProps {
  found: Standing[];
  shown: Standing | null;
  moments: Moments;
  onChoose: (call: number) => void;
}

function Chooser({ found, shown, moments, onChoose }: ChooserProps): JSX.Element {
  return (
    <div class="detail-bar">
      <label>
        Conversation{" "}
        <select class="field" value={shown?.call.id ?? ""} onChange={(event) => onChoose(Number(event.currentTarget.value))}>
          {found.map(({ call }) => (
            <option key={call.id} value={call.id}>
              {told(call, moments)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function told(call: Span, { tree }: Moments): string {
  const agent = tree.agent(call.id);
  return `${agent === null ? "" : `${agent.label}: `}step ${call.id} ${call.label}`.slice(0, 80);
}

function Stood({ standing, details }: { standing: Standing; details: Details }): JSX.Element {
  const navigation = useNavigation();
  const { call, answered, since, running } = standing;
  const detail = details.spans[call.id]?.call ?? null;
  const said = useMemo((): Turn[] => {
    if (detail === null) return [];
    const results = since.map((step, index): Turn => ({ message: resultOf(step, details), side: "since", number: index + 1 }));
    return [...(answered ? turns(detail, details) : asked(detail, details)), ...results];
  }, [detail, details, answered, since]);
  const fresh = useMemo(() => (detail === null ? null : firstNew(detail, details)), [detail, details]);
  return (
    <>
      <TurnList turns={said} firstNew={fresh} />
      {!answered && (
        <p class="detail-note">
          <Icon name="running" /> The model has been asked, in step{" "}
          <button class="step-link" onClick={() => navigation.select(call.id)}>
            {call.id} <Line value={call.label} most={40} />
          </button>
          , and has not answered yet.
        </p>
      )}
      {running.map((step) => (
        <p key={step.id} class="detail-note">
          <Icon name="running" /> At work: step{" "}
          <button class="step-link" onClick={() => navigation.select(step.id)}>
            {step.id} <Line value={step.label} most={40} />
          </button>
        </p>
      ))}
    </>
  );
}

/** What a step gave back, as the message that it will be. */
function resultOf(step: Span, details: Details): Turn["message"] {
  const failed = step.error !== null;
  const response = failed ? `${step.error?.type}: ${step.error?.message}` : (details.spans[step.id]?.output ?? null);
  return { role: "tool", name: null, parts: [{ type: "tool_call_response", id: null, name: step.label, response, failed }] };
}
