/** What keys do. Whoever is shown binds its own; `?` lists what is bound. */

export interface Binding {
  /** As the browser names them: `n`, `N`, `ArrowDown`, `Escape`, `Ctrl+f`. All do the same. */
  keys: readonly string[];
  /** `next event in time` */
  what: string;
  group: string;
  run: () => void;
}

export class Keys {
  readonly #bound: (readonly Binding[])[] = [];

  /** Bind until the function given back is called; what was bound last comes first. */
  bind(bindings: readonly Binding[]): () => void {
    this.#bound.push(bindings);
    return () => {
      const index = this.#bound.indexOf(bindings);
      if (index >= 0) this.#bound.splice(index, 1);
    };
  }

  /** All that can be pressed now, in the order of binding. A key bound twice is listed where it does something. */
  get bindings(): readonly Binding[] {
    const taken = new Set<string>();
    const layers = this.#bound.toReversed().map((layer) => {
      const free = layer.map((binding) => ({ ...binding, keys: binding.keys.filter((key) => !taken.has(key)) }));
      for (const key of layer.flatMap((binding) => binding.keys)) taken.add(key);
      return free.filter((binding) => binding.keys.length > 0);
    });
    return layers.toReversed().flat();
  }

  /** Do what a key does; whether it does anything. */
  press(key: string): boolean {
    const binding = this.bindings.find((one) => one.keys.includes(key));
    binding?.run();
    return binding !== undefined;
  }
}

/** The name of the key that was pressed; null where it belongs to what has the focus, or to the browser. */
export function keyOf(event: KeyboardEvent): string | null {
  if (event.defaultPrevented || event.isComposing || event.altKey || event.metaKey) return null;
  const target = event.target;
  const typing = target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));
  if (typing && event.key !== "Escape") return null;
  // Within what says `data-scrolls`, the keys that scroll do that.
  if (/^(Arrow|Page|Home|End)/.test(event.key) && target instanceof HTMLElement && target.closest("[data-scrolls]") !== null) return null;
  // Enter and space press the button or link that has the focus.
  if ((event.key === "Enter" || event.key === " ") && target instanceof HTMLElement && target.closest("button, a, summary, [role=tab], [role=option]") !== null) return null;
  return event.ctrlKey ? `Ctrl+${event.key}` : event.key;
}

const NAMES: Record<string, string> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  PageDown: "Page ↓",
  PageUp: "Page ↑",
  Escape: "Esc",
  " ": "Space",
};

/** How a key is written in a list: `Shift N`, `↓`. */
export function keyName(key: string): string {
  const [last = key, ...modifiers] = key.length > 1 ? key.split("+").toReversed() : [key];
  const shift = /^[A-Z]$/.test(last) ? ["Shift"] : [];
  return [...modifiers, ...shift, NAMES[last] ?? last].join(" ");
}
