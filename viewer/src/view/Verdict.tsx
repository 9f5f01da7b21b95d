import type { RunHead } from "../core/data";
import { Icon, type IconName } from "./icons";
import { Line } from "./Text";

type Tone = "ok" | "warn" | "error" | undefined;

const TONES: Record<string, [Tone, IconName]> = {
  replayed: ["ok", "check"],
  recorded: ["ok", "check"],
  partial: ["warn", "warning"],
  unplayed: ["warn", "warning"],
  drifted: ["warn", "warning"],
  missed: ["error", "error"],
  missing: ["error", "error"],
  broken: ["error", "error"],
  violated: ["error", "error"],
};

/** What a test said of its run, or that it is not over. */
export function Verdict({ head }: { head: RunHead }) {
  if (head.running) {
    return (
      <span class="badge" data-tone="ok">
        <Icon name="running" />
        running
      </span>
    );
  }
  if (head.verdict === null) return null;
  const [tone, icon] = TONES[head.verdict] ?? [undefined, undefined];
  return (
    <span class="badge" data-tone={tone}>
      {icon && <Icon name={icon} />}
      <Line value={head.verdict} most={40} />
    </span>
  );
}
