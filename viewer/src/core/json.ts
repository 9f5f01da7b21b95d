/** JSON values of any size and depth; no name in them means anything here, `__proto__` included. */

import type { Json, RawBody } from "./data";

export type Container = Json[] | { [key: string]: Json };

export function isContainer(value: Json | undefined): value is Container {
  return typeof value === "object" && value !== null;
}

export function size(value: Container): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

/** Some of the entries of a container, from one on; the keys of a list are its numbers. */
export function entries(value: Container, from = 0, to = Infinity): [string, Json][] {
  if (Array.isArray(value)) return value.slice(from, to).map((item, index) => [String(from + index), item]);
  return Object.entries(value).slice(from, to);
}

/** The container that a text spells, if it spells one. */
export function parsed(text: string): Container | null {
  if (!/^\s*[[{]/.test(text) || !/[\]}]\s*$/.test(text)) return null;
  try {
    const value = JSON.parse(text) as Json;
    return isContainer(value) ? value : null;
  } catch {
    return null; // it only looks like JSON
  }
}

/** A value in one short line: `{city: "Oslo", days: 3}`. */
export function inline(value: Json, limit = 80): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, limit)) + (value.length > limit ? "…" : "");
  if (!isContainer(value)) return String(value);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const parts: string[] = [];
  let room = limit - 2;
  for (const [key, item] of entries(value, 0, 20)) {
    const part = `${Array.isArray(value) ? "" : `${key}: `}${isContainer(item) ? brief(item) : inline(item, 40)}`;
    room -= part.length + 2;
    if (room < 0) break;
    parts.push(part);
  }
  const more = parts.length < size(value) ? [parts.length === 0 ? `${size(value)} …` : "…"] : [];
  return `${open}${[...parts, ...more].join(", ")}${close}`;
}

function brief(value: Container): string {
  const inside = size(value) === 0 ? "" : "…";
  return Array.isArray(value) ? `[${inside}]` : `{${inside}}`;
}

/** A value as text, two spaces to a level; not recursive, since its depth is whatever somebody sent. */
export function printed(value: Json): string {
  const out: string[] = [];
  const stack: { value: Container; items: [string, Json][]; next: number }[] = [];
  const begin = (item: Json) => {
    if (!isContainer(item)) out.push(JSON.stringify(item));
    else if (size(item) === 0) out.push(Array.isArray(item) ? "[]" : "{}");
    else {
      out.push(Array.isArray(item) ? "[" : "{");
      stack.push({ value: item, items: entries(item), next: 0 });
    }
  };
  begin(value);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const entry = top.items[top.next];
    if (entry === undefined) {
      stack.pop();
      out.push("\n", indent(stack.length), Array.isArray(top.value) ? "]" : "}");
      continue;
    }
    if (top.next > 0) out.push(",");
    top.next += 1;
    out.push("\n", indent(stack.length), Array.isArray(top.value) ? "" : `${JSON.stringify(entry[0])}: `);
    begin(entry[1]);
  }
  return out.join("");
}

/** A value on one line, in a form that is the same for equal values in the same order. */
export function written(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch {
    return printed(value); // too deep
  }
}

// Deeper levels are not indented further: the text would grow by the square of the depth.
const indent = (depth: number) => "  ".repeat(Math.min(depth, 40));

/** The JSON of a body with what the pool of values holds of it in its places. */
export function resolved(body: { json: Json; places?: Record<string, number> }, values: Json[]): Json {
  const root: { [key: string]: Json } = { body: body.json };
  const copied = new Set<Container>([root]);
  for (const [pointer, index] of Object.entries(body.places ?? {})) place(root, pointer, values[index] ?? null, copied);
  return root["body"] ?? null;
}

function place(root: Container, pointer: string, value: Json, copied: Set<Container>): void {
  const path = ["body", ...pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))];
  let at = root;
  for (const step of path.slice(0, -1)) {
    const child = get(at, step);
    if (!isContainer(child)) return;
    const copy = copied.has(child) ? child : Array.isArray(child) ? [...child] : { ...child };
    copied.add(copy);
    set(at, step, copy);
    at = copy;
  }
  set(at, path.at(-1) ?? "", value);
}

/** The value under a key that is there; nothing that every object has by itself. */
export function get(value: Container, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? (value as { [key: string]: Json })[key] : undefined;
}

function set(value: Container, key: string, item: Json): void {
  Object.defineProperty(value, key, { value: item, enumerable: true, configurable: true, writable: true });
}

/** What a body says, as it can be read: JSON, text, or the base64 of bytes. */
export function bodyText(body: RawBody, values: Json[]): string {
  if ("json" in body) return printed(resolved(body, values));
  return "text" in body ? body.text : body.base64;
}

/** To how many levels a value can be opened so that no more than so many entries are shown. */
export function depthFor(value: Json, most: number): number {
  let level = [value];
  let shown = 0;
  for (let depth = 0; ; depth++) {
    const inside = level.filter(isContainer);
    shown += inside.reduce((sum, item) => sum + size(item), 0);
    if (inside.length === 0) return Infinity;
    if (shown > most) return Math.max(1, depth);
    level = inside.flatMap((item) => entries(item).map(([, entry]) => entry));
  }
}
