import { useEffect, useRef } from "preact/hooks";
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
    </dialog>
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
