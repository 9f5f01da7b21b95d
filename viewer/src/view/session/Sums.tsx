import type { JSX } from "preact";
import type { Json, Session } from "../../core/data";
import { cost, count, duration } from "../../core/format";
import { get, isContainer } from "../../core/json";
import { changed, failed, words } from "../../core/session";
import { Figure } from "../detail/Stream";

/** What the session came to. */
export function Sums({ session }: { session: Session }): JSX.Element {
  const { totals, tests } = session;
  const { verdicts } = words(session);
  const bad = tests.filter(failed).length;
  return (
    <header class="session-head">
      <h2 class="session-title" data-tone={bad > 0 || session.exit_status !== 0 ? "error" : "ok"}>
        {bad > 0 ? `${count(bad)} of ${count(tests.length)} failed` : session.exit_status === 0 ? tests.length > 1 ? `All ${count(tests.length)} passed` : "Passed" : `pytest ended with ${session.exit_status}`}
      </h2>
      <dl class="measures session-sums">
        <Figure name="changed" value={count(tests.filter(changed).length)} />
        {["replayed", "recorded"].map((word) => (
          <Figure key={word} name={word} value={count(verdicts.get(word) ?? 0)} />
        ))}
        <Figure name="violations" value={count(numberIn(totals, "violations") ?? 0)} />
        <Figure name="spent" value={money(session, "spent")} />
        <Figure name="saved" value={money(session, "saved")} />
        <Figure name="tokens spent" value={count(numberIn(totals, "tokens", "spent"))} />
        <Figure name="time" value={duration((numberIn(totals, "seconds") ?? 0) * 1000)} />
      </dl>
    </header>
  );
}

/** A sum that leaves something out says so. */
function money({ totals, tests }: Session, side: "spent" | "saved"): string {
  const known = cost(numberIn(totals, "cost_usd", side));
  return tests.some((test) => test.cost_usd[side] === null) ? `${known} and unknown` : known;
}

function numberIn(totals: Record<string, Json>, ...path: string[]): number | null {
  let at: Json | undefined = totals;
  for (const name of path) at = isContainer(at) ? get(at, name) : undefined;
  return typeof at === "number" ? at : null;
}
