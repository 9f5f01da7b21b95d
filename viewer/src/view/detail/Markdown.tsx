import DOMPurify from "dompurify";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { pieces } from "../../core/control";
import { addressOf, html } from "../../core/markdown";
import { Text } from "../Text";

/** All that a message may be made of. Nothing that loads, is sent, runs or has a look of its own. */
const TAGS = ["p", "br", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "table", "thead", "tbody", "tr", "th", "td", "a", "span"];
const ATTRIBUTES = ["href", "start", "align", "data-level", "data-image"];

/** A section of a message as Markdown; as it is where it cannot be read as that. */
export function Markdown({ value }: { value: string }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const made = html(value);
  useLayoutEffect(() => {
    if (made !== null) place.current?.replaceChildren(cleaned(made));
  }, [made]);
  if (made === null)
    return (
      <div class="plain" dir="auto">
        <Text value={value} />
      </div>
    );
  return <div class="markdown" dir="auto" ref={place} />;
}

function cleaned(text: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(text, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const link of fragment.querySelectorAll("a")) disarm(link);
  for (const table of fragment.querySelectorAll("table")) scrolling(table);
  for (const text of textsIn(fragment)) shown(text);
  return fragment;
}

/** A link that leads nowhere by itself: view/detail/Leaving.tsx asks before it is followed. */
function disarm(link: HTMLAnchorElement): void {
  const address = addressOf(link.getAttribute("href") ?? "");
  link.removeAttribute("href");
  if (address === null) return;
  link.dataset["address"] = address;
  link.setAttribute("role", "link");
  link.tabIndex = 0;
}

function scrolling(table: HTMLTableElement): void {
  const around = document.createElement("div");
  around.className = "markdown-table";
  around.tabIndex = 0;
  table.replaceWith(around);
  around.append(table);
}

function textsIn(fragment: DocumentFragment): Text[] {
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (walker.nextNode() !== null) found.push(walker.currentNode as Text);
  return found;
}

/** Show what is not seen. */
function shown(node: Text): void {
  const found = pieces(node.data);
  if (!found.some(({ control }) => control)) return;
  node.replaceWith(
    ...found.map(({ text, control }) => {
      if (!control) return text;
      const mark = document.createElement("span");
      mark.className = "control";
      mark.textContent = text;
      return mark;
    }),
  );
}
