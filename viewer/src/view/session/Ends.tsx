import type { JSX } from "preact";
import type { Json, Session } from "../../core/data";
import { cost, count, counted } from "../../core/format";
import { type Container, get, isContainer } from "../../core/json";
import { useNavigation } from "../hooks";
import { Line } from "../Text";
import { Command } from "./TestRow";

/** What is told after the tests: takes, loose ends, the base that was compared with. */
export function Ends({ session }: { session: Session }): JSX.Element {
  return (
    <>
      {session.takes.length > 0 && (
        <section class="section">
          <h3>Takes</h3>
          {session.takes.map((take, index) => isContainer(take) && <Take key={index} take={take} />)}
        </section>
      )}
      {session.loose_ends.length > 0 && (
        <section class="section">
          <h3>{counted(session.loose_ends.length, "loose end")}</h3>
          {session.loose_ends.map((end, index) => (
            <LooseEnd key={index} end={end} />
          ))}
        </section>
      )}
      {isContainer(session.base) && <Base base={session.base} />}
    </>
  );
}

function word(value: Container, name: string): string {
  const found = get(value, name);
  return typeof found === "string" || typeof found === "number" ? String(found) : "";
}

function items(value: Container, name: string): Json[] {
  const found = get(value, name);
  return Array.isArray(found) ? found : [];
}

function Take({ take }: { take: Container }): JSX.Element {
  const trajectories = items(take, "trajectories").length;
  return (
    <p class="end-line">
      <Line value={word(take, "test")} />
      <span>
        {word(take, "passed")} of {word(take, "taken")} passed
      </span>
      {trajectories > 1 && <span class="dim">{counted(trajectories, "different trajectory", "different trajectories")}</span>}
      <span class="dim">{spread(get(take, "tokens"), "tokens", count)}</span>
      <span class="dim">{spread(get(take, "cost_usd"), "", cost)}</span>
    </p>
  );
}

/** From the least to the most. */
function spread(value: Json | undefined, name: string, told: (number: number) => string): string {
  if (value === undefined || !isContainer(value)) return "";
  const [min, max] = [get(value, "min"), get(value, "max")];
  if (typeof min !== "number" || typeof max !== "number") return "";
  const [least, most] = [told(min), told(max)];
  return `${least === most ? least : `${least} to ${most}`} ${name}`.trim();
}

function LooseEnd({ end }: { end: Session["loose_ends"][number] }): JSX.Element {
  return (
    <div class="end">
      <p class="end-line">
        <span class="badge" data-tone="warn">
          <Line value={word(end, "what") || word(end, "kind")} most={30} />
        </span>
        <code>
          <Line value={word(end, "cassette")} />
        </code>
        <span class="dim">
          <Line value={word(end, "detail")} />
        </span>
      </p>
      {word(end, "command") !== "" && <Command value={word(end, "command")} what="settles it" />}
    </div>
  );
}

/** A cassette, and the way to what differs in it. */
function Beside({ name, comparison }: { name: string; comparison: string }): JSX.Element {
  const navigation = useNavigation();
  const shown = (
    <code>
      <Line value={name} />
    </code>
  );
  if (comparison === "") return shown;
  return (
    <button class="step-link" title="Open what differs" onClick={() => navigation.openComparison(comparison)}>
      {shown}
    </button>
  );
}

function Base({ base }: { base: Container }): JSX.Element {
  const changed = items(base, "changed").filter(isContainer);
  const counts = [
    [changed.length, "changed"],
    [items(base, "added").length, "added"],
    [items(base, "removed").length, "removed"],
    [items(base, "broken").length, "broken"],
    [Number(word(base, "same")), "the same"],
  ] as const;
  return (
    <section class="section">
      <h3>
        Compared with <Line value={word(base, "directory")} />
      </h3>
      <p class="dim">
        {counts
          .filter(([number]) => number > 0)
          .map(([number, what]) => `${count(number)} ${what}`)
          .join(", ")}
      </p>
      {changed.map((one, index) => (
        <p key={index} class="end-line">
          <Beside name={word(one, "cassette")} comparison={word(one, "comparison")} />
          <span class="dim">
            <Line value={word(one, "change")} />
          </span>
        </p>
      ))}
      {(["added", "removed"] as const).map((what) =>
        items(base, what).map((name, index) => (
          <p key={`${what} ${index}`} class="end-line">
            <span class="badge">{what}</span>
            <code>
              <Line value={String(name)} />
            </code>
          </p>
        )),
      )}
    </section>
  );
}
