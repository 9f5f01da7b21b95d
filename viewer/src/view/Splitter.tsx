import { useRef } from "preact/hooks";

interface Props {
  label: string;
  /** The width of what it sizes, in pixels. */
  value: number;
  least: number;
  most: number;
  /** Whether what it sizes is to the right of it. */
  right?: boolean;
  onChange: (value: number) => void;
}

const STEP = 16;

/** A line between two panes that can be moved, with the mouse or with the arrow keys. */
export function Splitter({ label, value, least, most, right = false, onChange }: Props) {
  const from = useRef<{ x: number; value: number } | null>(null);
  const sign = right ? -1 : 1;
  const set = (next: number) => onChange(Math.round(Math.min(most, Math.max(least, next))));
  return (
    <div
      class="splitter"
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={value}
      aria-valuemin={least}
      aria-valuemax={most}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { x: event.clientX, value };
      }}
      onPointerMove={(event) => {
        if (from.current !== null) set(from.current.value + sign * (event.clientX - from.current.x));
      }}
      onPointerUp={() => (from.current = null)}
      onPointerCancel={() => (from.current = null)}
      onKeyDown={(event) => {
        const by = event.key === "ArrowLeft" ? -STEP : event.key === "ArrowRight" ? STEP : 0;
        if (by === 0) return;
        event.preventDefault();
        set(value + sign * by);
      }}
    />
  );
}
