import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Json } from "../../core/data";
import { counted } from "../../core/format";
import { type Leaf, leaves, MOST_LEAVES } from "../../core/leaves";
import { textOf } from "../../core/said";
import { LazyRows } from "../detail/Lazy";
import { Line, Text } from "../Text";
import { type Layout, TextDiff } from "./TextDiff";

interface Props {
  old: Json;
  now: Json;
  layout: Layout;
}

/** Two JSON values, by the paths of what differs. */
export function LeafDiff({ old, now, layout }: Props): JSX.Element {
  const found = useMemo(() => leaves(old, now), [old, now]);
  return <Leaves leaves={found} layout={layout} />;
}

export function Leaves({ leaves: found, layout }: { leaves: readonly Leaf[]; layout: Layout }): JSX.Element {
  return (
    <div class="leaves">
      <LazyRows items={found} height={24}>
        {(leaf) => <LeafRow key={leaf.path} leaf={leaf} layout={layout} />}
      </LazyRows>
      {found.length >= MOST_LEAVES && <p class="dim">These are the first {counted(found.length, "difference")}; there are more.</p>}
    </div>
  );
}

const SHORT = 60;

function LeafRow({ leaf, layout }: { leaf: Leaf; layout: Layout }): JSX.Element {
  const { path, old, now } = leaf;
  const long = typeof old === "string" && typeof now === "string" && old.length + now.length > SHORT;
  return (
    <div class="leaf" data-long={long}>
      <code class="leaf-path">
        <Line value={path === "" ? "value" : path} />
      </code>
      {long ? <TextDiff old={old} now={now} layout={layout} /> : <Sides old={old} now={now} />}
    </div>
  );
}

function Sides({ old, now }: { old: Json | undefined; now: Json | undefined }): JSX.Element {
  return (
    <span class="leaf-sides">
      {old !== undefined && (
        <del>
          <Text value={shown(old)} />
        </del>
      )}
      {old !== undefined && now !== undefined && " → "}
      {now !== undefined && (
        <ins>
          <Text value={shown(now)} />
        </ins>
      )}
    </span>
  );
}

function shown(value: Json): string {
  const text = textOf(value);
  return text.length > 4000 ? `${text.slice(0, 4000)}…` : text === "" ? '""' : text;
}
