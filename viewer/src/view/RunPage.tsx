import { useEffect, useRef, useState } from "preact/hooks";
import type { Run } from "../core/data";
import { Beside } from "./Beside";
import { useSize } from "./canvas";
import { Detail } from "./detail/Detail";
import { useLoaded, useNavigation, usePage } from "./hooks";
import { Minimap } from "./run/Minimap";
import { useRun } from "./run/state";
import { Stats } from "./run/Stats";
import { StepBar } from "./run/StepBar";
import { AxisChoice, Toolbar } from "./run/Toolbar";
import { TreePane } from "./run/TreePane";
import { Splitter } from "./Splitter";
import { Problem, Waiting } from "./States";
import { TopBar } from "./TopBar";
import { Verdict } from "./Verdict";

/** A run that grows is loaded no sooner than so many milliseconds after the last time. */
const PAUSE = 300;

interface Props {
  run: string;
  onHelp: () => void;
}

/** One run: loads it, and after its first picture what was said in it. */
export function RunPage({ run: key, onHelp }: Props) {
  const { shelf } = usePage();
  const { bundle } = useNavigation();
  const [round, setRound] = useState(0);
  const loaded = useLoaded(`${key} ${round}`, () => shelf.run(key), true);
  const head = loaded.state === "there" ? loaded.value.head : bundle.runs.find((run) => run.key === key);
  // A server says when a run is another than it was.
  const told = bundle.runs.find((run) => run.key === key);
  const asked = useRef(told?.stamp);
  const seen = loaded.state === "there" ? loaded.value.head.stamp : loaded.state === "failed" ? asked.current : told?.stamp;
  const outdated = bundle.library !== null && told !== undefined && told.stamp !== seen;
  useEffect(() => {
    if (!outdated) return;
    const timer = setTimeout(() => {
      asked.current = told?.stamp;
      shelf.forget(key);
      setRound(round + 1);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [outdated, loaded]);
  return (
    <div class="page">
      <TopBar title={head?.name ?? "Run"} onHelp={onHelp}>
        {head !== undefined && <Verdict head={head} />}
        <Beside run={key} />
      </TopBar>
      {loaded.state === "loading" && <Waiting what="the run" />}
      {loaded.state === "failed" && <Problem text={loaded.problem} />}
      {loaded.state === "there" && <Shown run={loaded.value} />}
    </div>
  );
}

const LEAST = 320;

function Shown({ run: given }: { run: Run }) {
  const run = useRun(given);
  const main = useRef<HTMLElement>(null);
  const { width } = useSize(main);
  const [part, setPart] = useState(0.38);
  const detail = Math.round(Math.max(LEAST, Math.min(width - LEAST, width * part)));
  return (
    <main class="body" ref={main}>
      <div class="figures">
        <Stats run={run} />
        <AxisChoice run={run} />
      </div>
      <Minimap run={run} />
      <Toolbar run={run} />
      <div class="run" style={{ "--detail-width": `${detail}px` }}>
        <TreePane run={run} />
        <Splitter label="Width of the step" value={detail} least={LEAST} most={Math.max(LEAST, width - LEAST)} right onChange={(next) => setPart(next / Math.max(1, width))} />
        <Detail
          tree={run.tree}
          details={run.details.state === "there" ? run.details.value : null}
          problem={run.details.state === "failed" ? run.details.problem : null}
          span={run.span}
          moment={run.moment}
          moments={run.moments}
        />
      </div>
      <StepBar run={run} />
    </main>
  );
}
