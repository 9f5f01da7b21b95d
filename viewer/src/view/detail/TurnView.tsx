import type { JSX } from "preact";
import type { Turn } from "../../core/conversation";
import { messageText } from "../../core/said";
import { useCopy } from "../hooks";
import { Icon } from "../icons";
import { Line } from "../Text";
import { PartView } from "./PartView";
import type { Look } from "./Prose";

interface Props {
  turn: Turn;
  look: Look;
  names: ReadonlyMap<string, string>;
  /** What it is beside the messages of another call. */
  mark?: "new" | "no longer there" | null;
}

/** A message, by who says it. */
export function TurnView({ turn, look, names, mark = null }: Props): JSX.Element {
  const copy = useCopy();
  const { message } = turn;
  return (
    <article class="turn" data-role={message.role} aria-label={told(turn)}>
      <header class="turn-head">
        <span class="turn-role">{roleName(turn)}</span>
        {message.name !== null && (
          <span class="dim">
            <Line value={message.name} />
          </span>
        )}
        {turn.number > 0 && <span class="turn-number">{turn.number}</span>}
        {mark !== null && (
          <span class="badge" data-tone={mark === "new" ? "ok" : "error"}>
            {mark}
          </span>
        )}
        <button class="button quiet turn-copy" onClick={() => copy(messageText(message), "Message")} aria-label="Copy this message" title="Copy this message">
          <Icon name="copy" />
        </button>
      </header>
      {message.parts.map((part, index) => (
        <PartView key={index} part={part} look={look} names={names} />
      ))}
      {message.parts.length === 0 && <p class="part-none">Nothing was said.</p>}
    </article>
  );
}

function roleName({ message, side }: Turn): string {
  return side === "system" ? "system" : message.role;
}

function told(turn: Turn): string {
  return turn.side === "answer" ? `answer ${turn.number}` : `${turn.message.role} message${turn.number > 0 ? ` ${turn.number}` : ""}`;
}
