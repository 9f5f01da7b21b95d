import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Attempt, Call, Span } from "../../core/data";
import { count, counted, duration } from "../../core/format";
import { Playback } from "../../core/playback";
import { Icon } from "../icons";
import { Text } from "../Text";
import { EventList } from "./EventList";

const SPEEDS = [1, 2, 10] as const;

/** The answers of a call that were streamed. */
export function Stream({ call, span }: { call: Call; span: Span }): JSX.Element {
  const streamed = call.attempts.map((attempt, index) => ({ attempt, index })).filter(({ attempt }) => (attempt.events?.length ?? 0) > 0);
  const [chosen, setChosen] = useState(streamed.length - 1);
  const { attempt, index } = streamed[chosen] ?? streamed[streamed.length - 1] ?? { attempt: null, index: 0 };
  const last = index === call.attempts.length - 1;
  return (
    <>
      {streamed.length > 1 && (
        <div class="detail-bar">
          <span class="choices" role="group" aria-label="Attempt">
            {streamed.map((one, place) => (
              <button key={one.index} class="button" aria-pressed={place === chosen} onClick={() => setChosen(place)}>
                Attempt {one.index + 1}
              </button>
            ))}
          </span>
        </div>
      )}
      {attempt !== null && <Player key={index} attempt={attempt} tokens={last ? (span.usage?.output ?? null) : null} />}
    </>
  );
}

function Player({ attempt, tokens }: { attempt: Attempt; tokens: number | null }): JSX.Element {
  const playback = useMemo(() => new Playback(attempt.events ?? []), [attempt]);
  const { time, playing, play, pause, seek, speed, setSpeed } = useClock(playback.end);
  const reached = playback.count(time);
  return (
    <>
      <Figures playback={playback} tokens={tokens} attempt={attempt} />
      <div class="player">
        <Chart playback={playback} time={time} />
        <input
          class="player-range"
          type="range"
          min={0}
          max={playback.end}
          step="any"
          value={time}
          onInput={(event) => seek(event.currentTarget.valueAsNumber)}
          aria-label="Time in the stream"
          aria-valuetext={`${duration(time)} of ${duration(playback.end)}`}
        />
        <div class="player-ways">
          <button class="button" onClick={playing ? pause : play} aria-label={playing ? "Pause" : "Play"}>
            <Icon name={playing ? "pause" : "play"} /> {playing ? "Pause" : "Play"}
          </button>
          <span class="choices" role="group" aria-label="Speed">
            {SPEEDS.map((one) => (
              <button key={one} class="button" aria-pressed={speed === one} onClick={() => setSpeed(one)}>
                {one}×
              </button>
            ))}
          </span>
          <span class="player-time">
            {duration(time)} of {duration(playback.end)}, {count(reached)} of {counted(playback.events.length, "event")}
          </span>
        </div>
      </div>
      <Said playback={playback} reached={reached} />
      <section class="section">
        <h3>Events</h3>
        <EventList events={playback.events} reached={reached} />
      </section>
    </>
  );
}

/** A clock that runs as fast as one likes, up to an end. */
function useClock(end: number) {
  const [time, setTime] = useState(end);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<number>(1);
  const now = useRef(end);
  const seek = (to: number) => {
    now.current = Math.min(end, Math.max(0, to));
    setTime(now.current);
  };
  useEffect(() => {
    if (!playing) return undefined;
    let frame = 0;
    let last = performance.now();
    const tick = (at: number) => {
      seek(now.current + (at - last) * speed);
      last = at;
      if (now.current >= end) setPlaying(false);
      else frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [playing, speed, end]);
  const play = () => {
    if (now.current >= end) seek(0);
    setPlaying(true);
  };
  return { time, playing, play, pause: () => setPlaying(false), seek, speed, setSpeed };
}

function Figures({ playback, tokens, attempt }: { playback: Playback; tokens: number | null; attempt: Attempt }): JSX.Element {
  const rate = playback.rate(tokens);
  const said = playback.firstSaid;
  const { pause } = playback;
  return (
    <dl class="measures">
      <Figure name="first event" value={duration(playback.first)} />
      <Figure name="first token" value={said === null ? "none" : duration(said)} />
      <Figure name="last event" value={duration(playback.end)} />
      <Figure name="tokens/s" value={rate === null ? "unknown" : rate.toFixed(rate < 10 ? 1 : 0)} />
      {pause !== null && <Figure name="longest pause" value={`${duration(pause.ms)} after event ${pause.after}`} />}
      {attempt.end !== "complete" && <Figure name="ended" value={attempt.end} />}
    </dl>
  );
}

export function Figure({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <div class="measure">
      <dt>{name}</dt>
      <dd>
        <Text value={value} />
      </dd>
    </div>
  );
}

const PARTS = 200;
const HEIGHT = 48;

/** How much came when. */
function Chart({ playback, time }: { playback: Playback; time: number }): JSX.Element {
  const path = useMemo(() => {
    const amounts = playback.amounts(PARTS);
    const most = Math.max(1, ...amounts);
    return amounts.map((amount, index) => (amount === 0 ? "" : `M${index + 0.5} ${HEIGHT}V${(HEIGHT - Math.max(2, (amount / most) * HEIGHT)).toFixed(1)}`)).join("");
  }, [playback]);
  const at = playback.end === 0 ? PARTS : (time / playback.end) * PARTS;
  return (
    <svg class="chart" viewBox={`0 0 ${PARTS} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${counted(playback.events.length, "event")} over ${duration(playback.end)}`}>
      <path d={path} />
      <rect x={at} y={0} width={Math.max(0, PARTS - at)} height={HEIGHT} />
    </svg>
  );
}

const KINDS = { text: "Text", reasoning: "Reasoning", tool_call: "Tool call" };

/** What had been said so far. */
function Said({ playback, reached }: { playback: Playback; reached: number }): JSX.Element {
  const said = useMemo(() => playback.said(reached), [playback, reached]);
  return (
    <section class="section player-said" aria-label="What has been said so far">
      {said.length === 0 && <p class="dim">Nothing has been said yet.</p>}
      {said.map(({ type, text }, index) => (
        <div key={index} class="player-part" data-said={type}>
          <h3>{KINDS[type]}</h3>
          <div class="plain">
            <Text value={text.length > 20_000 ? `… ${text.slice(-20_000)}` : text} />
          </div>
        </div>
      ))}
    </section>
  );
}
