import type { Totals } from "../../core/data";
import { cost, count, duration, line } from "../../core/format";
import { sumOf } from "../../core/tree";
import { Icon } from "../icons";
import { Line } from "../Text";
import type { RunState } from "./state";

/** What the run came to and, while only some of its steps are asked for, what those came to. */
export function Stats({ run }: { run: RunState }) {
  const { head } = run.tree.run;
  const part = partOf(run);
  const { usage } = head.totals;
  return (
    <dl class="stats">
      <Stat name="Duration" value={duration(head.running ? run.tree.end : head.totals.ms)} part={part && duration(part.ms)} />
      <Stat name="LLM calls" value={count(head.totals.llm_calls)} part={part && count(part.llm_calls)} />
      <Stat name="Tool calls" value={count(head.totals.tool_calls)} part={part && count(part.tool_calls)} />
      <Stat name="Tokens in" value={count(usage.input)} part={part && count(part.usage.input)} />
      <Stat name="cached" value={count(usage.cache_read)} part={part && count(part.usage.cache_read)} />
      <Stat name="out" value={count(usage.output)} part={part && count(part.usage.output)} />
      <Stat name="Cost" value={cost(head.totals.cost)} part={part && cost(part.cost)} title={head.totals.cost === null ? "The price of a call, or what it took, is not known" : undefined} />
      <Stat name="Errors" value={count(head.totals.errors)} part={part && count(part.errors)} tone={head.totals.errors > 0 ? "error" : undefined} />
      <div class="stat stat-models">
        <dt>{head.totals.models.length === 1 ? "Model" : "Models"}</dt>
        <dd title={line(head.totals.models.join(", "))}>{head.totals.models.length === 0 ? "none" : <Line value={head.totals.models.join(", ")} />}</dd>
      </div>
    </dl>
  );
}

interface StatProps {
  name: string;
  value: string;
  part: string | null;
  tone?: "error" | undefined;
  title?: string | undefined;
}

function Stat({ name, value, part, tone, title }: StatProps) {
  return (
    <div class="stat" data-tone={tone} title={title}>
      <dt>{name}</dt>
      <dd>
        {tone === "error" && <Icon name="error" />}
        {part ?? value}
        {part !== null && <span class="dim"> of {value}</span>}
      </dd>
    </div>
  );
}

/** The same figures for the steps that are asked for; null where all are. */
function partOf({ facets, tree, place }: RunState): Omit<Totals, "models" | "spans"> | null {
  const { matches } = facets;
  if (matches === null) return null;
  const spans = tree.spans.filter((span) => matches.has(span.id));
  const { input, output, cached, cost: paid, unpriced } = sumOf(spans.map((span) => tree.own(span)));
  // The spans come in start order.
  const [from, to] = place.range ?? [spans[0]?.start ?? 0, spans.reduce((last, span) => Math.max(last, tree.endOf(span)), 0)];
  return {
    llm_calls: spans.filter((span) => span.kind === "llm").length,
    tool_calls: spans.filter((span) => span.kind === "tool").length,
    errors: spans.filter((span) => span.error !== null).length,
    usage: { input, output, cache_read: cached, cache_write: null, reasoning: null },
    cost: unpriced > 0 ? null : paid,
    ms: spans.length === 0 ? 0 : to - from,
  };
}
