import { useMemo } from "preact/hooks";
import type { Comparison, Details, Run } from "../core/data";
import { partsOf } from "../core/live";
import { Tree } from "../core/tree";
import { Compare } from "./compare/Compare";
import { useLoaded, useNavigation, usePage } from "./hooks";
import { Problem, Waiting } from "./States";
import { TopBar } from "./TopBar";

interface Parts {
  comparison: Comparison;
  runs: [Run, Run];
  details: [Details, Details];
}

/** Two runs side by side: loads all that is compared. */
export function ComparePage({ comparison: key, onHelp }: { comparison: string; onHelp: () => void }) {
  const { shelf } = usePage();
  const { bundle } = useNavigation();
  const stamps = bundle.library === null ? "" : partsOf(key).map((part) => bundle.runs.find((run) => run.key === part)?.stamp).join(" ");
  const load = async (): Promise<Parts> => {
    const comparison = await shelf.comparison(key);
    const { old, new: next } = comparison.head;
    const [runs, details] = await Promise.all([
      Promise.all([shelf.run(old), shelf.run(next)]),
      Promise.all([shelf.details(old), shelf.details(next)]),
    ]);
    return { comparison, runs, details };
  };
  const loaded = useLoaded(`${key} ${stamps}`, load, true);
  return (
    <div class="page">
      <TopBar title={title(loaded.state === "there" ? loaded.value : null)} onHelp={onHelp} />
      <main class="main">
        {loaded.state === "loading" && <Waiting what="the comparison" />}
        {loaded.state === "failed" && <Problem text={loaded.problem} />}
        {loaded.state === "there" && <Compared parts={loaded.value} />}
      </main>
    </div>
  );
}

function Compared({ parts: { comparison, runs, details } }: { parts: Parts }) {
  const [old, next] = useMemo(() => [new Tree(runs[0]), new Tree(runs[1])], [runs]);
  return <Compare comparison={comparison} old={old} next={next} oldDetails={details[0]} nextDetails={details[1]} />;
}

function title(parts: Parts | null): string {
  if (parts === null) return "Comparison";
  const [old, next] = parts.runs.map((run) => run.head.name);
  return old === next ? `${old}: before and after` : `${old} and ${next}`;
}
