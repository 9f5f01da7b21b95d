import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface Props {
  /** About how high it will be, in pixels, as long as it is not drawn. */
  height: number;
  /** Draw it wherever it is. */
  now?: boolean;
  role?: "rowgroup" | undefined;
  children: () => ComponentChildren;
}

/** What is drawn when it comes near to where the reader looks, and stays then. */
export function Lazy({ height, now = false, role, children }: Props): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(now);
  const shown = seen || now;
  useEffect(() => (shown || place.current === null ? undefined : watch(place.current, () => setSeen(true))), [shown]);
  return (
    <div class="lazy" role={role} ref={place} style={shown ? { minHeight: "" } : { minHeight: `${height}px` }}>
      {shown ? children() : null}
    </div>
  );
}

const watchers = new WeakMap<Element, Watcher>();

/** One observer for all that scrolls together. */
class Watcher {
  readonly #waiting = new Map<Element, () => void>();
  readonly #observer: IntersectionObserver;

  constructor(root: Element) {
    this.#observer = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => this.#seen(entry.target)), {
      root: root === document.documentElement ? null : root,
      rootMargin: "800px 0px",
    });
  }

  add(element: Element, seen: () => void): () => void {
    this.#waiting.set(element, seen);
    this.#observer.observe(element);
    return () => {
      this.#waiting.delete(element);
      this.#observer.unobserve(element);
    };
  }

  #seen(element: Element): void {
    this.#observer.unobserve(element);
    this.#waiting.get(element)?.();
    this.#waiting.delete(element);
  }
}

function watch(element: Element, seen: () => void): () => void {
  const root = element.closest("[data-scrolls]") ?? document.documentElement;
  const watcher = watchers.get(root) ?? new Watcher(root);
  watchers.set(root, watcher);
  return watcher.add(element, seen);
}

interface RowsProps<T> {
  items: readonly T[];
  /** The height of a row in pixels. */
  height: number;
  role?: "rowgroup" | undefined;
  children: (item: T, index: number) => ComponentChildren;
}

const TOGETHER = 40;

/** Many rows of about the same height, drawn some at a time. */
export function LazyRows<T>({ items, height, role, children }: RowsProps<T>): JSX.Element {
  const starts = Array.from({ length: Math.ceil(items.length / TOGETHER) }, (_, index) => index * TOGETHER);
  return (
    <>
      {starts.map((start) => (
        <Lazy key={start} role={role} height={Math.min(TOGETHER, items.length - start) * height} now={start === 0}>
          {() => items.slice(start, start + TOGETHER).map((item, index) => children(item, start + index))}
        </Lazy>
      ))}
    </>
  );
}
