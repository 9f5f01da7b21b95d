/** Characters that are not seen, or that change how others are seen: they are shown by their escapes, so that no text passes for another. */

import { beginning } from "./folding";

export interface Piece {
  text: string;
  /** Whether this is the escape of something that is not seen. */
  control: boolean;
}

// A joiner is part of an emoji, or of a word in a script that joins its letters; tags make the flags of countries within others. A stray one is shown.
const JOINED = "\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gujarati}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}\\p{Script=Khmer}";
const EMOJI = "\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f";
const UNSEEN = new RegExp(
  [
    "\\x1b\\[[0-9;:?]*[A-Za-z]", // what a terminal takes for colours
    "\\r(?!\\n)",
    "[\\0-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f]",
    "[\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb]",
    `(?<![${JOINED}])\\u200c`,
    `(?<![${JOINED}${EMOJI}])\\u200d`,
    "(?<!\\u{1f3f4}[\\u{e0030}-\\u{e0039}\\u{e0061}-\\u{e007a}]{0,6})[\\u{e0000}-\\u{e007f}]",
    "[\\u{e0080}-\\u{e00ff}\\u{e01f0}-\\u{e0fff}]",
    "(?<!\\p{Script=Han})[\\u{e0100}-\\u{e01ef}]",
    "(?<=[\\ufe00-\\ufe0f])[\\ufe00-\\ufe0f]", // one chooses a form; a row of them hides a message
    "\\p{Surrogate}",
  ].join("|"),
  "gu",
);

/** A text cut at what is not seen. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(UNSEEN)) {
    if (match.index > end) found.push({ text: text.slice(end, match.index), control: false });
    found.push({ text: escaped(match[0]), control: true });
    end = match.index + match[0].length;
  }
  if (end < text.length || found.length === 0) found.push({ text: text.slice(end), control: false });
  return found;
}

/** A text with escapes for what is not seen. */
export function visible(text: string): string {
  return text.replace(UNSEEN, escaped);
}

/** The same on one line, for a label. */
export function line(text: string, limit = 300): string {
  const cut = beginning(text, limit);
  const seen = visible(cut.replace(/\s+/g, " ").trim());
  return cut.length < text.length ? `${seen}…` : seen;
}

function escaped(unseen: string): string {
  return [...unseen].map((character) => (character > " " && character < "\x7f" ? character : escape(character.codePointAt(0) ?? 0))).join("");
}

function escape(code: number): string {
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
