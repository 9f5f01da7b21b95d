import type { JSX } from "preact";
import type { Json } from "../../core/data";
import { cost, count, date, duration } from "../../core/format";
import { isContainer } from "../../core/json";
import type { Tree } from "../../core/tree";
import { Icon } from "../icons";
import { Text } from "../Text";
import { Fields } from "./Attributes";
import { Figure } from "./Stream";

/** The run as a whole, while no step is selected. */
export function RunPane({ tree }: { tree: Tree }): JSX.Element {
  const { head, metadata, libraries, uncaptured, prices } = tree.run;
  const { totals } = head;
  const facts: [string, Json][] = [
    ["cassette", head.path],
    ["recorded", date(head.recorded) || null],
    ["verdict", head.verdict],
    ["tags", head.tags.length > 0 ? head.tags.join(", ") : null],
    ["models", totals.models.join(", ") || null],
    ["prices", prices],
  ];
  return (
    <>
      <section class="section">
        <dl class="measures">
          <Figure name="time" value={duration(totals.ms)} />
          <Figure name="model calls" value={count(totals.llm_calls)} />
          <Figure name="tool calls" value={count(totals.tool_calls)} />
          <Figure name="errors" value={count(totals.errors)} />
          <Figure name="input" value={count(totals.usage.input)} />
          <Figure name="output" value={count(totals.usage.output)} />
          <Figure name="cost" value={cost(totals.cost)} />
        </dl>
        <Fields fields={facts.filter(([, value]) => value !== null)} />
      </section>
      {uncaptured.length > 0 && (
        <section class="section">
          <h3>Not captured</h3>
          {uncaptured.map((text) => (
            <p key={text} class="detail-note">
              <Icon name="warning" /> <Text value={text} />
            </p>
          ))}
        </section>
      )}
      {isContainer(metadata) && Object.keys(metadata).length > 0 && (
        <section class="section">
          <h3>Metadata</h3>
          <Fields fields={Object.entries(metadata)} />
        </section>
      )}
      {Object.keys(libraries).length > 0 && (
        <section class="section">
          <h3>Libraries</h3>
          <Fields fields={Object.entries(libraries)} />
        </section>
      )}
    </>
  );
}
