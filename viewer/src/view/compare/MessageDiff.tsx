import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Message } from "../../core/data";
import { counted } from "../../core/format";
import type { Novel } from "../../core/novelty";
import { messageText } from "../../core/said";
import { Lazy } from "../detail/Lazy";
import { heightOf } from "../detail/PlainText";
import { TurnView } from "../detail/TurnView";
import { type Layout, TextDiff } from "./TextDiff";

interface Props {
  found: readonly Novel[];
  layout: Layout;
  names: ReadonlyMap<string, string>;
}

/** Messages as they were and as they are: those that are equal folded, those that changed word by word. */
export function MessageDiff({ found, layout, names }: Props): JSX.Element {
  return (
    <div class="messages-diff">
      {found.map((novel, index) => (
        <Lazy key={index} height={heightOfNovel(novel)} now={index < 5}>
          {() => <NovelView novel={novel} layout={layout} names={names} />}
        </Lazy>
      ))}
    </div>
  );
}

function heightOfNovel(novel: Novel): number {
  if (novel.kind === "same") return 24;
  return Math.min(400, 60 + heightOf(messageText(novel.kind === "gone" ? novel.message : novel.turn.message).slice(0, 2000)));
}

function NovelView({ novel, layout, names }: { novel: Novel; layout: Layout; names: ReadonlyMap<string, string> }): JSX.Element {
  switch (novel.kind) {
    case "same":
      return <Equal novel={novel} names={names} />;
    case "come":
      return (
        <div class="novel" data-sign="+">
          <TurnView turn={novel.turn} look="markdown" names={names} mark="new" />
        </div>
      );
    case "gone":
      return (
        <div class="novel" data-sign="-">
          <TurnView turn={{ message: novel.message, side: "request", number: 0 }} look="markdown" names={names} mark="no longer there" />
        </div>
      );
    case "changed":
      return <Changed old={novel.old} now={novel.turn.message} number={novel.turn.number} layout={layout} />;
  }
}

function Equal({ novel, names }: { novel: Extract<Novel, { kind: "same" }>; names: ReadonlyMap<string, string> }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button class="diff-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        {counted(novel.turns.length, "equal message")}
      </button>
      {open &&
        novel.turns.map((turn, index) => (
          <Lazy key={index} height={80}>
            {() => <TurnView turn={turn} look="markdown" names={names} />}
          </Lazy>
        ))}
    </>
  );
}

function Changed({ old, now, number, layout }: { old: Message; now: Message; number: number; layout: Layout }): JSX.Element {
  return (
    <article class="turn" data-role={now.role} aria-label={`${now.role} message ${number}, changed`}>
      <header class="turn-head">
        <span class="turn-role">{now.role}</span>
        {number > 0 && <span class="turn-number">{number}</span>}
        <span class="badge">changed</span>
      </header>
      <TextDiff old={messageText(old)} now={messageText(now)} layout={layout} />
    </article>
  );
}
