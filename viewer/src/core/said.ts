/** The texts of messages, as one reads, searches and compares them. */

import type { Json, Message, Part } from "./data";
import { printed } from "./json";

/** The texts of a part that a reader may look for. */
export function textsOf(part: Part): string[] {
  switch (part.type) {
    case "text":
    case "refusal":
      return [part.content];
    case "reasoning":
      return part.content === null ? [] : [part.content];
    case "tool_call":
      return [part.name, textOf(part.arguments)];
    case "tool_call_response":
      return [part.name ?? "", ...resultParts(part.response).flatMap((inner) => (typeof inner === "string" ? [inner] : textsOf(inner)))];
    case "blob":
      return [part.mime_type ?? ""];
    case "uri":
      return [part.uri];
    case "file":
      return [part.file_id];
    case "unknown":
      return [part.kind, textOf(part.value)];
  }
}

/** What a tool gave back: parts, where it is a list of them; else one text or one value as text. */
export function resultParts(response: Json | Part[]): (Part | string)[] {
  return isParts(response) ? response : [textOf(response as Json)];
}

/** Whether a value is a list of parts. A list of whatever a tool gave back may look much like it: all that a part needs must be there. */
export function isParts(value: Json | Part[]): value is Part[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => isPart(item as Json));
}

function isPart(item: Json): boolean {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return false;
  const has = (name: string, ...types: string[]) => Object.hasOwn(item, name) && types.includes(item[name] === null ? "null" : typeof item[name]);
  switch (item["type"]) {
    case "text":
    case "refusal":
      return has("content", "string");
    case "reasoning":
      return has("content", "string", "null");
    case "tool_call":
      return has("name", "string") && Object.hasOwn(item, "arguments");
    case "tool_call_response":
      return Object.hasOwn(item, "response");
    case "blob":
      return has("sha256", "string") && has("size", "number") && has("modality", "string");
    case "uri":
      return has("uri", "string") && has("modality", "string");
    case "file":
      return has("file_id", "string") && has("modality", "string");
    case "unknown":
      return has("kind", "string") && Object.hasOwn(item, "value");
    default:
      return false;
  }
}

/** A text as it is, another value as JSON. */
export function textOf(value: Json): string {
  return typeof value === "string" ? value : printed(value);
}

/** A message as one text, to compare it with another. */
export function messageText(message: Message): string {
  return message.parts.map(partText).join("\n\n");
}

export function partText(part: Part): string {
  switch (part.type) {
    case "text":
    case "refusal":
      return part.content;
    case "reasoning":
      return part.content ?? "";
    case "tool_call":
      return `${part.name}(${textOf(part.arguments)})`;
    case "tool_call_response":
      return resultParts(part.response)
        .map((inner) => (typeof inner === "string" ? inner : partText(inner)))
        .join("\n");
    case "blob":
      return `[${part.modality} ${part.mime_type ?? ""} ${part.sha256}]`;
    case "uri":
      return part.uri;
    case "file":
      return part.file_id;
    case "unknown":
      return textOf(part.value);
  }
}
