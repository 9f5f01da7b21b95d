/** Markdown as models write it, turned into little HTML. What it gives back is not trusted yet: view/detail/Markdown.tsx cleans it. */

import { Marked } from "marked";
import { chunks } from "./folding";

/** What is put together of a text to be read as Markdown at once: some Markdown takes time by the square of its length. */
const SECTION = 4000;
const LONGEST = 8000;

/** A part of a text; what is not `marked` is shown as it is. */
export interface Section {
  text: string;
  marked: boolean;
}

/** Cut a text where its paragraphs end, outside of code. */
export function sections(text: string): Section[] {
  const found: Section[] = [];
  let [start, end, fence] = [0, 0, ""];
  const close = () => {
    if (end > start) found.push(...cut(text.slice(start, end)));
    start = end;
  };
  for (const [line] of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? "";
    if (fence === "" && mark !== "") fence = mark;
    else if (fence !== "" && mark.startsWith(fence) && line.trim() === mark) fence = "";
    end += line.length;
    const paragraph = fence === "" && line.trim() === "";
    if (end - start > SECTION && paragraph) close();
  }
  close();
  return found;
}

/** A paragraph that is too long to be read as Markdown, in chunks. */
function cut(text: string): Section[] {
  return text.length <= LONGEST ? [{ text, marked: MARKED.test(text) }] : chunks(text, LONGEST).map((chunk) => ({ text: chunk, marked: false }));
}

const marked = new Marked({
  gfm: true,
  breaks: true,
  // Tags are text like any other: a prompt may be full of them, and none of them means anything to this page.
  tokenizer: { html: () => undefined, tag: () => undefined },
  renderer: {
    heading({ tokens, depth }) {
      return `<p data-level="${depth}">${this.parser.parseInline(tokens)}</p>`;
    },
    image({ href, text }) {
      return `<span data-image="">${escaped(text)}</span><a href="${escaped(href)}">${escaped(href)}</a>`;
    },
    link({ href, tokens }) {
      return `<a href="${escaped(href)}">${this.parser.parseInline(tokens)}</a>`;
    },
    checkbox({ checked }) {
      return checked ? "[x] " : "[ ] ";
    },
    code({ text }) {
      return `<pre><code>${escaped(text)}</code></pre>`;
    },
  },
});

/** The HTML of a section; null where it is nested too deeply. */
export function html(text: string): string | null {
  try {
    return marked.parse(text, { async: false });
  } catch {
    return null;
  }
}

// A text without any of these is the same as Markdown.
const MARKED = /[*_`#>~|[\]\\&+-]|\d[.)]|\n|:\/\/|www\.|@/;

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The address that a link may lead to; null for what is no address of the web or of mail. */
export function addressOf(href: string): string | null {
  if (!URL.canParse(href)) return null;
  const url = new URL(href);
  return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
}
