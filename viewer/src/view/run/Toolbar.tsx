import type { Kind } from "../../core/data";
import { asksForErrors, kindsIn, withErrors, withKind } from "../../core/facets";
import { count } from "../../core/format";
import { KIND_NAMES, KINDS } from "../../core/kinds";
import type { AxisMode } from "../../core/place";
import { useKeys, useNavigation } from "../hooks";
import { Icon } from "../icons";
import { FilterBox } from "./FilterBox";
import type { RunState } from "./state";

export function Toolbar({ run }: { run: RunState }) {
  return (
    <div class="toolbar" role="search" aria-label="What is shown">
      <FilterBox run={run} />
      <Kinds run={run} />
    </div>
  );
}

/** How much there is of each kind; pressing one asks for it. They say what the icons mean as well. */
function Kinds({ run }: { run: RunState }) {
  const navigation = useNavigation();
  const { facets, filter, problem, tree, place } = run;
  const chosen = kindsIn(filter);
  const present = new Set(tree.spans.map((span) => span.kind));
  const errors = asksForErrors(filter);
  if (present.size === 0) return null;
  return (
    <div class="kinds" role="group" aria-label="Kinds of steps">
      {KINDS.filter((kind) => present.has(kind)).map((kind) => (
        <KindButton key={kind} kind={kind} number={facets.kinds.get(kind) ?? 0} chosen={chosen.has(kind)} disabled={problem !== null} onPress={() => navigation.change({ filter: withKind(place.filter, kind) })} />
      ))}
      {tree.run.head.totals.errors > 0 && (
        <button class="button quiet kind" data-tone="error" aria-label={`errors ${count(facets.errors)}`} aria-pressed={errors} disabled={problem !== null} onClick={() => navigation.change({ filter: withErrors(place.filter) })}>
          <Icon name="error" />
          <span class="kind-word">errors</span> <span class="kind-count">{count(facets.errors)}</span>
        </button>
      )}
    </div>
  );
}

interface KindProps {
  kind: Kind;
  number: number;
  chosen: boolean;
  disabled: boolean;
  onPress: () => void;
}

function KindButton({ kind, number, chosen, disabled, onPress }: KindProps) {
  return (
    <button class="button quiet kind" data-kind={kind} aria-pressed={chosen} disabled={disabled} onClick={onPress} aria-label={`${KIND_NAMES[kind]} ${count(number)}`} title={`Only kind:${kind}`}>
      <Icon name={kind} />
      <span class="kind-word">{KIND_NAMES[kind]}</span> <span class="kind-count">{count(number)}</span>
    </button>
  );
}

const MODES: readonly { mode: AxisMode; name: string; title: string }[] = [
  { mode: "fit", name: "Fit", title: "The time of the rows that are in sight" },
  { mode: "selection", name: "Selection", title: "The time that was chosen above, or that of the selected step" },
  { mode: "whole", name: "Whole", title: "The time of the whole run" },
];

export function AxisChoice({ run: { place } }: { run: RunState }) {
  const navigation = useNavigation();
  const next = () => {
    const index = MODES.findIndex((one) => one.mode === place.axis);
    navigation.change({ axis: MODES[(index + 1) % MODES.length]?.mode ?? "fit" });
  };
  useKeys([
    { keys: ["z"], what: "axis: fit, selection, whole", group: "Time", run: next },
    { keys: ["g"], what: "squeeze idle time", group: "Time", run: () => navigation.change({ gaps: !place.gaps }) },
  ]);
  return (
    <div class="axis">
      <div class="choices" role="group" aria-label="Time axis">
        {MODES.map(({ mode, name, title }) => (
          <button key={mode} class="button" aria-pressed={place.axis === mode} title={`${title} (z)`} onClick={() => navigation.change({ axis: mode })}>
            {name}
          </button>
        ))}
      </div>
      <button class="button" aria-pressed={place.gaps} title="Make time short in which nothing happened (g)" onClick={() => navigation.change({ gaps: !place.gaps })}>
        <Icon name="gap" />
        Squeeze idle
      </button>
    </div>
  );
}
