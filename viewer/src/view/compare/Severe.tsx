import type { JSX } from "preact";
import type { Severity } from "../../core/data";

const TONES: Record<Severity, string | undefined> = { major: "error", minor: "warn", info: undefined };

/** How grave a difference is. */
export function Severe({ severity }: { severity: Severity | null }): JSX.Element | null {
  if (severity === null) return null;
  return (
    <span class="badge" data-tone={TONES[severity]}>
      {severity}
    </span>
  );
}
