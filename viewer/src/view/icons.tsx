/** The icons: strokes on a square of 16, in the colour of the text around them. */

import type { JSX } from "preact";
import type { Kind, LinkKind } from "../core/data";

const PATHS = {
  llm: "M2.5 3.5h11v7h-6l-3 2.8v-2.8h-2zM5 6.2h6M5 8.2h4",
  embedding: "M5 2.5H2.5v11H5M11 2.5h2.5v11H11M6 6h.01M8 6h.01M10 6h.01M6 10h.01M8 10h.01M10 10h.01M8 8h.01",
  tool: "M10.2 2.6a3.3 3.3 0 0 0-3.6 4.6l-4.2 4.2a1.2 1.2 0 0 0 1.8 1.8l4.2-4.2a3.3 3.3 0 0 0 4.6-3.6L11 7.3 8.9 6.9 8.5 4.8z",
  retrieval: "M3 4.2c0-1 2.2-1.7 5-1.7s5 .7 5 1.7-2.2 1.7-5 1.7-5-.7-5-1.7zM3 4.2v7.6c0 1 2.2 1.7 5 1.7s5-.7 5-1.7V4.2M3 8c0 1 2.2 1.7 5 1.7S13 9 13 8",
  agent: "M3.5 6h9v7h-9zM8 6V3.2M8 2.8h.01M6.2 9h.01M9.8 9h.01M1.5 8.5v2M14.5 8.5v2",
  chain: "M7 4.7l1.4-1.4a2.7 2.7 0 0 1 3.9 3.9L10.4 9a2.7 2.7 0 0 1-3.9 0M9 11.3l-1.4 1.4a2.7 2.7 0 0 1-3.9-3.9L5.6 7a2.7 2.7 0 0 1 3.9 0",
  decision: "M8 2.2 13.8 8 8 13.8 2.2 8zM8 5.6v2.8M8 10.4h.01",
  custom: "M3 3h10v10H3zM6 8h4",
  group: "M4.5 2.5h9v7h-9zM2.5 5.5v7h9",
  retry: "M12.8 8A4.8 4.8 0 1 1 11 4.3M11.2 1.8v2.7H8.5",
  fallback: "M2.5 4h4.5l3 8h3.5M11.5 9.8l2.2 2.2-2.2 2.2",
  branch: "M4 2.5v11M4 9c0-3 8-1.5 8-5.5M10 5.2l2-2 2 2",
  data: "M2.5 8h10.5M9.5 4.5 13 8l-3.5 3.5",
  handoff: "M2.5 5.5h8.5M8.5 3l2.5 2.5L8.5 8M13.5 10.5H5M7.5 8 5 10.5 7.5 13",
  continues: "M3 3v6.5h9.5M9.5 6.5l3 3-3 3",
  error: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6",
  warning: "M8 2.2 14.5 13.5h-13zM8 6.5v3.5M8 11.8h.01",
  check: "M3 8.5l3.3 3.3L13 4.5",
  running: "M8 2a6 6 0 1 1-6 6",
  right: "M6 4l4 4-4 4",
  down: "M4 6l4 4 4-4",
  left: "M10 4 6 8l4 4",
  up: "M4 10l4-4 4 4",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  note: "M3 2.5h10v7.5L9.5 13.5H3zM13 10H9.5v3.5M5.5 5.5h5M5.5 8h3",
  play: "M5 3.2v9.6L12.8 8z",
  pause: "M5 3.5v9M11 3.5v9",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.4 3.4",
  close: "M4 4l8 8M12 4l-8 8",
  link: "M6.5 9.5l3-3M7 4.7l1.4-1.4a2.7 2.7 0 0 1 3.9 3.9L11 8.5M9 11.3l-1.4 1.4a2.7 2.7 0 0 1-3.9-3.9L5 7.5",
  help: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM6.2 6.3a1.8 1.8 0 1 1 2.6 1.6c-.5.3-.8.6-.8 1.2M8 11.3h.01",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1",
  moon: "M13 9.6A5.5 5.5 0 0 1 6.4 3 5.5 5.5 0 1 0 13 9.6z",
  fit: "M2.5 3v10M13.5 3v10M5 8h6M6.5 6.5 5 8l1.5 1.5M9.5 6.5 11 8l-1.5 1.5",
  gap: "M2 8h3.5M10.5 8H14M6.5 5l-1 6M10.5 5l-1 6",
  list: "M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01",
  compare: "M2.5 3h4.5v10H2.5zM9 3h4.5v10H9z",
} as const satisfies Record<Kind | LinkKind | string, string>;

export type IconName = keyof typeof PATHS;

/** An icon beside a word that says the same; alone it needs a `label`. */
export function Icon({ name, label }: { name: IconName; label?: string }): JSX.Element {
  const said = label === undefined ? { "aria-hidden": true } : { role: "img" as const, "aria-label": label };
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" data-icon={name} {...said}>
      <path d={PATHS[name]} />
    </svg>
  );
}
