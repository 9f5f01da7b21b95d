/** Marks a text where it is shown, without changing what is shown. */

const NAME = "found";
const MOST = 2000;

/** Mark a text in an element as it is drawn, and show its first place in another; what is given back takes the marks away. */
export function highlight(around: Element | null, query: string, sought: Element | null): () => void {
  if (around === null || query === "" || !("highlights" in CSS)) return () => undefined;
  let frame = 0;
  let scrolled = false;
  const mark = () => {
    CSS.highlights.set(NAME, new Highlight(...ranges(around, query)));
    const first = sought === null || scrolled ? undefined : ranges(sought, query)[0];
    if (first === undefined) return;
    scrolled = true;
    show(first);
  };
  const soon = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(mark);
  };
  const observer = new MutationObserver(soon);
  observer.observe(around, { childList: true, subtree: true });
  soon();
  return () => {
    observer.disconnect();
    cancelAnimationFrame(frame);
    CSS.highlights.delete(NAME);
  };
}

function ranges(around: Element, query: string): Range[] {
  const wanted = query.toLowerCase();
  const walker = document.createTreeWalker(around, NodeFilter.SHOW_TEXT);
  const found: Range[] = [];
  while (walker.nextNode() !== null && found.length < MOST) {
    const node = walker.currentNode;
    const text = node.nodeValue?.toLowerCase() ?? "";
    for (let at = text.indexOf(wanted); at >= 0 && found.length < MOST; at = text.indexOf(wanted, at + wanted.length)) {
      if (at + wanted.length > (node.nodeValue?.length ?? 0)) break; // some letters grow when they are made small
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      found.push(range);
    }
  }
  return found;
}

function show(range: Range): void {
  const scroller = range.startContainer.parentElement?.closest("[data-scrolls]");
  if (scroller === null || scroller === undefined) return;
  const [inside, outside] = [range.getBoundingClientRect(), scroller.getBoundingClientRect()];
  if (inside.top < outside.top + 60 || inside.bottom > outside.bottom - 20) scroller.scrollBy({ top: inside.top - outside.top - outside.height / 3 });
}
