import type { JSX } from "preact";
import type { LinkKind, Span } from "../../core/data";
import { compact, cost, counted, duration } from "../../core/format";
import type { Tree } from "../../core/tree";
import { useNavigation } from "../hooks";
import { Icon } from "../icons";
import { Line } from "../Text";

/** What a step is, in two lines. */
export function StepHead({ tree, span }: { tree: Tree; span: Span }): JSX.Element {
  return (
    <header class="detail-head">
      <h2 class="detail-title" data-kind={span.kind}>
        <span class="detail-kind">
          <Icon name={span.kind} label={span.kind} />
        </span>
        <Line value={span.label} most={120} />
        {span.name !== span.label && (
          <span class="detail-name">
            <Line value={span.name} most={120} />
          </span>
        )}
        <span class="detail-space" />
        <span class="detail-number">step {span.id}</span>
      </h2>
      <p class="detail-facts">
        {span.error !== null && (
          <span class="badge" data-tone="error">
            <Icon name="error" /> <Line value={span.error.type} most={40} />
          </span>
        )}
        {facts(span).map((fact) => (
          <span key={fact}>
            <Line value={fact} most={60} />
          </span>
        ))}
        <Links tree={tree} span={span} />
      </p>
    </header>
  );
}

function facts(span: Span): string[] {
  const { usage } = span;
  return [
    span.ms === null ? "running" : duration(span.ms),
    span.first === null ? "" : `first token ${duration(span.first)}`,
    usage === null ? "" : `${usage.input === null ? "?" : compact(usage.input)} in, ${usage.output === null ? "?" : compact(usage.output)} out`,
    usage?.cache_read ? `${compact(usage.cache_read)} cached` : "",
    span.unpriced ? "cost unknown" : span.cost === null ? "" : cost(span.cost),
    span.attempts > 1 ? counted(span.attempts, "attempt") : "",
    span.finish === null || ["stop", "tool_calls"].includes(span.finish) ? "" : `ended: ${span.finish}`,
    span.provider ?? "",
  ].filter(Boolean);
}

/** What a link means for the step it comes from, and for the one it leads to. */
const WORDS: Record<LinkKind, [from: string, to: string]> = {
  retry: ["tried again in", "retry of"],
  fallback: ["fell back to", "fallback for"],
  branch: ["side by side with", "side by side with"],
  data: ["handed on to", "given by"],
  handoff: ["hands over to", "taken over from"],
  continues: ["goes on in", "goes on from"],
};

const MOST = 4;

function Links({ tree, span }: { tree: Tree; span: Span }): JSX.Element | null {
  const navigation = useNavigation();
  const links = tree.run.links.filter(({ from, to }) => from === span.id || to === span.id);
  if (links.length === 0) return null;
  return (
    <>
      {links.slice(0, MOST).map(({ kind, from, to }) => {
        const other = from === span.id ? to : from;
        return (
          <span key={`${kind} ${from} ${to}`} class="detail-link">
            <Icon name={kind} /> {WORDS[kind][from === span.id ? 0 : 1]}{" "}
            <button class="button quiet step-link" onClick={() => navigation.select(other)}>
              step {other}
            </button>
          </span>
        );
      })}
      {links.length > MOST && <span>and {counted(links.length - MOST, "link")} more</span>}
    </>
  );
}
