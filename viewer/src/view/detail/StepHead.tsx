import type { JSX } from "preact";
import type { Span } from "../../core/data";
import { compact, cost, counted, duration } from "../../core/format";
import { isCutOff } from "../../core/kinds";
import { Icon } from "../icons";
import { Line } from "../Text";

/** What a step is, in two lines. */
export function StepHead({ span }: { span: Span }): JSX.Element {
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
    isCutOff(span) ? `ended: ${span.finish}` : "",
    span.provider ?? "",
  ].filter(Boolean);
}
