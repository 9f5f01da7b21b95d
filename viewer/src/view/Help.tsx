import { useEffect, useRef } from "preact/hooks";
import { CHOICES, EXAMPLES } from "../core/filter";
import { keyName, type Binding } from "../core/keys";
import { usePage } from "./hooks";
import { Icon } from "./icons";

/** The keys that do something here, in a dialog. */
export function Help({ onClose }: { onClose: () => void }) {
  const { keys } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const groups = Map.groupBy(keys.bindings, (binding) => binding.group);
  return (
    <dialog class="help" ref={dialog} onClose={onClose} onKeyDown={(event) => event.stopPropagation()} aria-labelledby="help-title">
      <div class="help-head">
        <h2 id="help-title">Keys</h2>
        <button class="button quiet" onClick={() => dialog.current?.close()} aria-label="Close">
          <Icon name="close" />
        </button>
      </div>
      <div class="help-groups">
        {[...groups].map(([group, bindings]) => (
          <Group key={group} name={group} bindings={bindings} />
        ))}
      </div>
      <Grammar />
    </dialog>
  );
}

/** How a filter is written. */
const GRAMMAR: readonly [string, string][] = [
  [EXAMPLES.kind, `one of ${CHOICES.kind?.join(", ")}`],
  [EXAMPLES.is, `one of ${CHOICES.is?.join(", ")}`],
  [EXAMPLES.has, `one of ${CHOICES.has?.join(", ")}`],
  [`${EXAMPLES.tool} ${EXAMPLES.model}`, "also name, provider, finish; * stands for anything, a comma for or"],
  [`${EXAMPLES.tokens} in:..5k`, "also out, cached, lane; k and m are thousands and millions"],
  [`${EXAMPLES.dur} first:200ms..1s`, "times need a unit: ms, s or m"],
  [EXAMPLES.cost, "dollars; what is not known fits no number"],
  ['berth "free until noon"', "texts that were said"],
  ["-tool:x", "- leaves out what follows it; every term must hold"],
];

function Grammar() {
  return (
    <section class="help-grammar">
      <h3>How a filter is written</h3>
      <dl>
        {GRAMMAR.map(([example, meaning]) => (
          <div key={example} class="help-line">
            <dt>
              <code>{example}</code>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Group({ name, bindings }: { name: string; bindings: readonly Binding[] }) {
  return (
    <section class="help-group">
      <h3>{name}</h3>
      <dl>
        {bindings.map((binding) => (
          <div key={binding.what} class="help-line">
            <dt>
              {binding.keys.map((key) => (
                <kbd key={key}>{keyName(key)}</kbd>
              ))}
            </dt>
            <dd>{binding.what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
