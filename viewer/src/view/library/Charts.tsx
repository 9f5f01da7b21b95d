import { useMemo, useState } from "preact/hooks";
import type { RunHead } from "../../core/data";
import { compact, cost, count, counted, line } from "../../core/format";
import { barsBy, usualGrain, type Bar, type Grain } from "../../core/history";

interface Measure {
  name: string;
  of: (bar: Bar) => number;
  said: (value: number) => string;
}

const MEASURES: readonly Measure[] = [
  { name: "Cost", of: (bar) => bar.cost, said: cost },
  { name: "Tokens", of: (bar) => bar.tokens, said: compact },
  { name: "LLM calls", of: (bar) => bar.calls, said: count },
];

const GRAINS: readonly [Grain, string][] = [
  ["day", "by day"],
  ["recording", "by recording"],
];

/** What the runs came to over time; pressing a bar asks for what it stands for. */
export function Charts({ runs, onPick }: { runs: readonly RunHead[]; onPick: (bar: Bar) => void }) {
  const [chosen, setChosen] = useState<Grain | null>(null);
  const grain = chosen ?? usualGrain(runs);
  const bars = useMemo(() => barsBy(grain, runs), [grain, runs]);
  if (bars.length === 0) return null;
  return (
    <section class="trends" aria-label="Over time">
      {MEASURES.map((measure) => (
        <Chart key={measure.name} measure={measure} bars={bars} onPick={onPick} />
      ))}
      <span class="choices trends-grain" role="group" aria-label="A bar is">
        {GRAINS.map(([one, name]) => (
          <button key={one} class="button" aria-pressed={grain === one} onClick={() => setChosen(one)}>
            {name}
          </button>
        ))}
      </span>
    </section>
  );
}

const GAP = 0.12;
/** What is not nothing can be seen. */
const LEAST = 0.03;

function Chart({ measure: { name, of, said }, bars, onPick }: { measure: Measure; bars: readonly Bar[]; onPick: (bar: Bar) => void }) {
  const most = Math.max(...bars.map(of), Number.MIN_VALUE);
  const total = bars.reduce((sum, bar) => sum + of(bar), 0);
  const unknown = name === "Cost" ? bars.reduce((sum, bar) => sum + bar.unknown, 0) : 0;
  const [first, last] = [bars[0]?.name ?? "", bars.at(-1)?.name ?? ""];
  const whole = said(total) + (unknown > 0 ? " + ?" : "");
  return (
    <figure class="trend">
      <figcaption>
        <span class="trend-name">{name}</span> <b title={unknown > 0 ? `${counted(unknown, "run")} of unknown cost` : undefined}>{whole}</b>
      </figcaption>
      <svg viewBox={`0 0 ${bars.length} 1`} preserveAspectRatio="none" role="img" aria-label={`${name}, ${counted(bars.length, "bar")} from ${line(first, 60)} to ${line(last, 60)}: ${whole} in all, at most ${said(most)}`}>
        {bars.map((bar, index) => {
          const height = of(bar) > 0 ? Math.max(LEAST, of(bar) / most) : 0;
          return (
            <g key={index} class="trend-bar" data-empty={bar.runs === 0} onClick={() => bar.runs > 0 && onPick(bar)}>
              <title>{`${line(bar.name, 80)}: ${said(of(bar))}${name === "Cost" && bar.unknown > 0 ? " and what nobody knows" : ""}${bar.run === null ? `, ${counted(bar.runs, "run")}` : ""}`}</title>
              <rect class="trend-ground" x={index} y={0} width={1} height={1} />
              <rect class="trend-value" x={index + GAP / 2} y={1 - height} width={1 - GAP} height={height} />
            </g>
          );
        })}
      </svg>
      <div class="trend-ends">
        <span>{line(first, 24)}</span>
        {bars.length > 1 && <span>{line(last, 24)}</span>}
      </div>
    </figure>
  );
}
