import { useMemo } from "preact/hooks";
import { Moments } from "../core/moments";
import { Tree } from "../core/tree";
import type { Run } from "../core/data";
import { Detail } from "./detail/Detail";
import { useKeys, useLoaded, useNavigation, usePage, usePlace } from "./hooks";
import { Problem, Waiting } from "./States";
import { Line } from "./Text";
import { TopBar } from "./TopBar";

/** One run: loads it, and after its first picture what was said in it. */
export function RunPage({ run: key, onHelp }: { run: string; onHelp: () => void }) {
  const { shelf } = usePage();
  const loaded = useLoaded(key, () => shelf.run(key));
  return (
    <div class="page">
      <TopBar title={loaded.state === "there" ? loaded.value.head.name : "Run"} onHelp={onHelp} />
      <main class="main">
        {loaded.state === "loading" && <Waiting what="the run" />}
        {loaded.state === "failed" && <Problem text={loaded.problem} />}
        {loaded.state === "there" && <RunView run={loaded.value} />}
      </main>
    </div>
  );
}

function RunView({ run }: { run: Run }) {
  const { shelf } = usePage();
  const navigation = useNavigation();
  const place = usePlace();
  const tree = useMemo(() => new Tree(run), [run]);
  const moments = useMemo(() => new Moments(tree), [tree]);
  const details = useLoaded(`details:${run.head.key}`, () => shelf.details(run.head.key));
  const span = tree.find(place.span);
  const walk = (by: number) => {
    const next = moments.step(moments.find(place.span, place.at), place.span, by);
    if (next !== null) navigation.change({ span: next.span, at: next.edge });
  };
  useKeys([
    { keys: ["n"], what: "next event in time", group: "Time", run: () => walk(1) },
    { keys: ["p"], what: "previous event in time", group: "Time", run: () => walk(-1) },
  ]);
  return (
    <div class="run">
      <ol class="run-steps">
        {tree.spans.slice(0, 200).map((one) => (
          <li key={one.id}>
            <button class="button quiet" onClick={() => navigation.select(one.id)} aria-pressed={one.id === place.span}>
              <Line value={one.label} />
            </button>
          </li>
        ))}
      </ol>
      <Detail
        tree={tree}
        details={details.state === "there" ? details.value : null}
        problem={details.state === "failed" ? details.problem : null}
        span={span}
        moment={moments.find(place.span, place.at)}
        moments={moments}
      />
    </div>
  );
}
