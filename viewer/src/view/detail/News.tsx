import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { calledNames, turns } from "../../core/conversation";
import { definition, novelty, type Novelty } from "../../core/novelty";
import type { Call, Details, Part, Span } from "../../core/data";
import { counted } from "../../core/format";
import { partText } from "../../core/said";
import { Leaves, LeafDiff } from "../compare/LeafDiff";
import { LayoutChoice } from "../compare/LayoutChoice";
import { MessageDiff } from "../compare/MessageDiff";
import { type Layout, TextDiff } from "../compare/TextDiff";
import { useNavigation } from "../hooks";
import { Line } from "../Text";

interface Props {
  call: Call;
  before: Call;
  beforeSpan: Span;
  details: Details;
}

/** What a call says that the one before it of the same agent did not. */
export function News({ call, before, beforeSpan, details }: Props): JSX.Element {
  const [layout, setLayout] = useState<Layout>("unified");
  const navigation = useNavigation();
  const found = useMemo(() => novelty({ call: before, details }, { call, details }), [before, call, details]);
  const names = useMemo(() => calledNames(turns(call, details)), [call, details]);
  return (
    <>
      <div class="detail-bar">
        <span>
          Since step{" "}
          <button class="step-link" onClick={() => navigation.select(beforeSpan.id)}>
            {beforeSpan.id} <Line value={beforeSpan.label} most={40} />
          </button>
          : {summary(found)}
        </span>
        <span class="detail-space" />
        <LayoutChoice layout={layout} onChange={setLayout} />
      </div>
      {found.system !== null && (
        <section class="section">
          <h3>System prompt changed</h3>
          <TextDiff old={told(found.system.old)} now={told(found.system.now)} layout={layout} />
        </section>
      )}
      {found.tools.map((tool) => (
        <section key={tool.name} class="section">
          <h3>
            Tool{" "}
            <code>
              <Line value={tool.name} />
            </code>{" "}
            {tool.old === null ? "offered" : tool.now === null ? "no longer offered" : "changed"}
          </h3>
          <LeafDiff old={definition(tool.old)} now={definition(tool.now)} layout={layout} />
        </section>
      ))}
      {found.parameters.length > 0 && (
        <section class="section">
          <h3>Parameters changed</h3>
          <Leaves leaves={found.parameters} layout={layout} />
        </section>
      )}
      <MessageDiff found={found.messages} layout={layout} names={names} />
    </>
  );
}

const told = (parts: readonly Part[]) => parts.map(partText).join("\n\n");

function summary({ messages, system, tools, parameters }: Novelty): string {
  const count = (kind: string) => messages.filter((novel) => novel.kind === kind).length;
  const words = [
    count("come") > 0 ? counted(count("come"), "new message") : "",
    count("changed") > 0 ? `${counted(count("changed"), "message")} changed` : "",
    count("gone") > 0 ? `${counted(count("gone"), "message")} gone` : "",
    system === null ? "" : "system prompt changed",
    tools.length > 0 ? `${counted(tools.length, "tool")} changed` : "",
    parameters.length > 0 ? `${counted(parameters.length, "parameter")} changed` : "",
  ].filter(Boolean);
  return words.length === 0 ? "nothing new" : words.join(", ");
}
