import { hashOf, placeOf } from "../core/place";
import { useKeys, useNavigation } from "./hooks";
import { Icon } from "./icons";
import { Line } from "./Text";

/** More comparisons than these are found in the list of runs. */
const MOST = 2;

/** What stands beside a run: the one before it, the one after it, and those it is compared with. */
export function Beside({ run }: { run: string }) {
  const navigation = useNavigation();
  const { runs, comparisons } = navigation.bundle;
  const [before, after] = [navigation.runBeside(run, -1), navigation.runBeside(run, 1)];
  const compared = comparisons.filter((one) => one.old === run || one.new === run);
  const go = (key: string | null) => key !== null && navigation.openRun(key);
  useKeys([
    { keys: ["J"], what: "next run", group: "Page", run: () => go(after) },
    { keys: ["K"], what: "previous run", group: "Page", run: () => go(before) },
    { keys: ["d"], what: "difference to another run, where there is one", group: "Page", run: () => compared[0] && navigation.openComparison(compared[0].key) },
  ]);
  return (
    <>
      {runs.length > 1 && (
        <span class="beside">
          <button class="button quiet" disabled={before === null} onClick={() => go(before)} aria-label="Previous run (Shift K)" title="Previous run (Shift K)">
            <Icon name="left" />
          </button>
          {runs.findIndex((one) => one.key === run) + 1} of {runs.length}
          <button class="button quiet" disabled={after === null} onClick={() => go(after)} aria-label="Next run (Shift J)" title="Next run (Shift J)">
            <Icon name="right" />
          </button>
        </span>
      )}
      {compared.slice(0, MOST).map((one) => (
        <a key={one.key} class="beside-comparison" href={hashOf(placeOf("compare", one.key))} title="Difference (d)">
          <Icon name="compare" />
          <Line value={runs.find(({ key }) => key === (one.old === run ? one.new : one.old))?.name ?? ""} most={40} />
        </a>
      ))}
    </>
  );
}
