/** Texts of any length, in pieces that a page bears. */

/** The beginning of a text, ended where a line or a word does if one ends nearby. */
export function beginning(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return text.slice(0, boundary(text, limit, limit - Math.min(200, limit >> 2)));
}

/** The beginning of a text that is too long to be read in passing; null for one that is not. */
export function folded(text: string, most: number, lines: number): string | null {
  const tall = afterLines(text, lines);
  const taller = tall === null ? null : afterLines(text.slice(tall), lines >> 2);
  if (taller === null && text.length <= most + (most >> 2)) return null;
  return beginning(taller === null ? text : text.slice(0, tall ?? undefined), most);
}

/** Where a text goes on after so many lines; null where it has no more. */
function afterLines(text: string, lines: number): number | null {
  let at = -1;
  for (let line = 0; line < lines; line += 1) {
    at = text.indexOf("\n", at + 1);
    if (at < 0) return null;
  }
  return at + 1 < text.length ? at + 1 : null;
}

/** A text in chunks of about a size, which make it up when put together; a chunk ends with a line wherever it can. */
export function chunks(text: string, size: number): string[] {
  const found: string[] = [];
  let start = 0;
  while (text.length - start > size) {
    const end = lineEnd(text, start + size, start + (size >> 1));
    found.push(text.slice(start, end));
    start = end;
  }
  found.push(text.slice(start));
  return found;
}

function boundary(text: string, at: number, least: number): number {
  const line = text.lastIndexOf("\n", at - 1) + 1;
  if (line > least) return line;
  const word = text.lastIndexOf(" ", at - 1) + 1;
  return word > least ? word : whole(text, at);
}

function lineEnd(text: string, at: number, least: number): number {
  const line = text.lastIndexOf("\n", at - 1) + 1;
  return line > least ? line : whole(text, at);
}

/** A place that parts no pair of surrogates. */
function whole(text: string, at: number): number {
  const code = text.charCodeAt(at - 1);
  return code >= 0xd800 && code < 0xdc00 ? at - 1 : at;
}
