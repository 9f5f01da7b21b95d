/** How numbers and texts read. Costs and durations read as they do in the terminal: trace_ops/_figures.py. */

const GROUPED = new Intl.NumberFormat("en-US");
const CENTS = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** `12,345`; what nobody knows is not zero. */
export function count(number: number | null): string {
  return number === null ? "unknown" : GROUPED.format(number);
}

/** `1 call`, `2 calls`. */
export function counted(number: number, what: string, plural = `${what}s`): string {
  return `${count(number)} ${number === 1 ? what : plural}`;
}

/** `950`, `12.3k`, `4.56M`. */
export function compact(number: number): string {
  if (number < 1000) return String(number);
  if (number < 999_500) return `${(number / 1000).toPrecision(number < 9995 ? 2 : 3)}k`;
  return `${(number / 1e6).toPrecision(3)}M`;
}

/** `812 B`, `12.3 kB`, `4.5 MB`. */
export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  return size < 999_950 ? `${(size / 1000).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

/** A share in whole percents, but never all where it is not. */
export function share(value: number): string {
  return `${value < 1 ? Math.min(99, Math.round(value * 100)) : 100} %`;
}

/** Dollars to two significant digits, whole cents from a dollar on. */
export function cost(dollars: number | null): string {
  if (dollars === null) return "unknown";
  if (dollars === 0 || Math.abs(dollars) >= 1) return `$${CENTS.format(dollars)}`;
  return `$${dollars.toFixed(Math.min(20, Math.max(2, 1 - Math.floor(Math.log10(Math.abs(dollars))))))}`;
}

/** `0.4 ms`, `850 ms`, `1.25 s`, `2 m 05 s`, `1 h 02 m`. */
export function duration(ms: number | null): string {
  if (ms === null) return "running";
  if (ms < 10 && ms !== Math.round(ms)) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${pad(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))} m`;
}

/** A time on an axis whose marks are `step` apart: `1.2 s`, `03:20`. */
export function clock(ms: number, step: number): string {
  if (ms === 0) return "0";
  if (step < 1) return `${ms.toFixed(1)} ms`;
  if (ms < 1000 && step < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(step < 10 ? 3 : step < 100 ? 2 : step < 1000 ? 1 : 0)} s`;
  const seconds = Math.floor(ms / 1000);
  const fraction = step < 1000 ? `.${String(Math.floor(ms % 1000)).padStart(3, "0").slice(0, step < 10 ? 3 : step < 100 ? 2 : 1)}` : "";
  const minutes = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}${fraction}`;
  return seconds < 3600 ? minutes : `${Math.floor(seconds / 3600)}:${minutes}`;
}

/** `2026-11-25 10:04`, in the reader's own time zone; nothing for what is no date. */
export function date(iso: string | null): string {
  const when = new Date(iso ?? "");
  if (Number.isNaN(when.getTime())) return "";
  return `${when.getFullYear()}-${pad(when.getMonth() + 1)}-${pad(when.getDate())} ${pad(when.getHours())}:${pad(when.getMinutes())}`;
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}

export { line, visible } from "./control";
