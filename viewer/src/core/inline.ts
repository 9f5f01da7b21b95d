/** Markdown within a paragraph: emphasis, code, links. In time by the length of the text, and nested only so deep. */

export type Inline = string | Marked;

export interface Marked {
  type: "strong" | "em" | "del" | "code" | "link" | "image";
  /** Where a link or an image is, as it was written. */
  address?: string;
  inside: Inline[];
  depth: number;
}

const DEEPEST = 12;
// What may begin something; all else is text.
const SPECIAL = /[\\`*_~[\]!<]|https?:\/\/|www\./g;
const TARGET = /\(\s*(?:<([^<>\n]{0,2000})>|([^\s<>()]{0,2000}(?:\([^\s<>()]{0,200}\)[^\s<>()]{0,2000}){0,8}))(?:\s+(?:"[^"]{0,500}"|'[^']{0,500}'))?\s*\)/y;
const BARE = /(?:https?:\/\/|www\.)[^\s<>"'`]{1,2000}/y;
const ANGLED = /<((?:https?:\/\/|mailto:)[^\s<>]{1,2000})>/y;
const ESCAPED = /\\([!-/:-@[-`{-~])/y;

export function inline(text: string): Inline[] {
  return new Reader(text).read();
}

/** A run of marks that may begin something, where it stands among what was read. */
interface Opener {
  mark: string;
  count: number;
  at: number;
}

class Reader {
  readonly #read: Inline[] = [];
  readonly #openers: Opener[] = [];
  /** How many openers there are of each mark. */
  readonly #open = new Map<string, number>();
  readonly #ticks: Map<number, number[]>;

  constructor(readonly text: string) {
    this.#ticks = ticksIn(text);
  }

  read(): Inline[] {
    let at = 0;
    for (let next = this.#next(at); next >= 0; next = this.#next(at)) {
      if (next > at) this.#say(this.text.slice(at, next));
      at = next + this.#special(next);
    }
    this.#say(this.text.slice(at));
    return joined(this.#read);
  }

  #next(from: number): number {
    SPECIAL.lastIndex = from;
    return SPECIAL.exec(this.text)?.index ?? -1;
  }

  /** Read what stands at a place; how long it is. */
  #special(at: number): number {
    const mark = this.text.charAt(at);
    switch (mark) {
      case "\\":
        return this.#matched(ESCAPED, at, (match) => this.#say(match[1] ?? ""));
      case "`":
        return this.#code(at);
      case "*":
      case "_":
      case "~":
        return this.#emphasis(at, mark);
      case "!":
        return this.text.charAt(at + 1) === "[" ? this.#opens("![", at) : this.#literal(mark);
      case "[":
        return this.#opens("[", at);
      case "]":
        return this.#closes(at);
      case "<":
        return this.#matched(ANGLED, at, (match) => this.#put("link", [match[1] ?? ""], match[1]));
      default:
        return this.#bare(at);
    }
  }

  #say(text: string): void {
    if (text !== "") this.#read.push(text);
  }

  #literal(text: string): number {
    this.#say(text);
    return text.length;
  }

  #put(type: Marked["type"], inside: Inline[], address?: string): void {
    const depth = 1 + Math.max(0, ...inside.slice(0, 1000).map((part) => (typeof part === "string" ? 0 : part.depth)));
    if (depth > DEEPEST) this.#read.push(...inside);
    else this.#read.push(address === undefined ? { type, inside, depth } : { type, inside, depth, address });
  }

  #matched(pattern: RegExp, at: number, then: (match: RegExpExecArray) => void): number {
    pattern.lastIndex = at;
    const match = pattern.exec(this.text);
    if (match === null) return this.#literal(this.text.charAt(at));
    then(match);
    return match[0].length;
  }

  #code(at: number): number {
    const count = run(this.text, at);
    const places = this.#ticks.get(count) ?? [];
    while (places[0] !== undefined && places[0] <= at) places.shift();
    const end = places[0];
    if (end === undefined) return this.#literal("`".repeat(count));
    this.#put("code", [trimmed(this.text.slice(at + count, end))]);
    return end + count - at;
  }

  #bare(at: number): number {
    if (/[\p{L}\p{N}]/u.test(this.text.charAt(at - 1))) return this.#literal(this.text.charAt(at));
    BARE.lastIndex = at;
    const found = BARE.exec(this.text)?.[0];
    if (found === undefined) return this.#literal(this.text.charAt(at));
    const address = ended(found);
    this.#put("link", [address], address.startsWith("www.") ? `http://${address}` : address);
    return address.length;
  }

  #opens(mark: string, at: number): number {
    this.#open_(mark, mark.length, at);
    return mark.length;
  }

  #open_(mark: string, count: number, at: number): void {
    this.#openers.push({ mark, count, at: this.#read.length });
    this.#open.set(mark, (this.#open.get(mark) ?? 0) + 1);
    this.#read.push(this.text.slice(at, at + count));
  }

  /** The last opener of some marks, and those after it, are no openers any more. */
  #taken(marks: readonly string[]): Opener | null {
    if (!marks.some((mark) => (this.#open.get(mark) ?? 0) > 0)) return null;
    for (;;) {
      const opener = this.#openers.pop();
      if (opener === undefined) return null;
      this.#open.set(opener.mark, (this.#open.get(opener.mark) ?? 1) - 1);
      if (marks.includes(opener.mark)) return opener;
    }
  }

  #closes(at: number): number {
    TARGET.lastIndex = at + 1;
    const target = TARGET.exec(this.text);
    if (target === null) {
      // A bracket that was closed begins no link.
      const last = this.#openers.findLastIndex(({ mark }) => mark.includes("["));
      const [opener] = last >= 0 && last > this.#openers.length - 50 ? this.#openers.splice(last, 1) : [];
      if (opener !== undefined) this.#open.set(opener.mark, (this.#open.get(opener.mark) ?? 1) - 1);
      return this.#literal("]");
    }
    const opener = this.#taken(["[", "!["]);
    if (opener === null) return this.#literal("]");
    const inside = joined(this.#read.splice(opener.at).slice(1));
    this.#put(opener.mark === "[" ? "link" : "image", inside, target[1] ?? target[2] ?? "");
    return 1 + target[0].length;
  }

  #emphasis(at: number, mark: string): number {
    const count = run(this.text, at);
    const [before, after] = [this.text.charAt(at - 1), this.text.charAt(at + count)];
    const [closes, opens] = [ends(before, after, mark), ends(after, before, mark)];
    let left = count;
    while (closes && left > 0 && (mark !== "~" || left === 2)) {
      const opener = this.#taken([mark]);
      if (opener === null) break;
      const used = mark === "~" ? 2 : Math.min(2, left, opener.count);
      if (mark === "~" && opener.count !== 2) break;
      const inside = joined(this.#read.splice(opener.at).slice(1));
      if (opener.count > used) this.#again(opener, used);
      this.#put(mark === "~" ? "del" : used === 2 ? "strong" : "em", inside);
      left -= used;
    }
    if (left > 0 && opens) this.#open_(mark, left, at + count - left);
    else this.#say(mark.repeat(left));
    return count;
  }

  /** What is left of an opener opens still. */
  #again({ mark, count }: Opener, used: number): void {
    this.#openers.push({ mark, count: count - used, at: this.#read.length });
    this.#open.set(mark, (this.#open.get(mark) ?? 0) + 1);
    this.#read.push(mark.repeat(count - used));
  }
}

/** Where runs of backticks are, by their lengths. */
function ticksIn(text: string): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const { 0: ticks, index } of text.matchAll(/`+/g)) {
    const places = found.get(ticks.length);
    if (places === undefined) found.set(ticks.length, [index]);
    else places.push(index);
  }
  return found;
}

function run(text: string, at: number): number {
  let end = at;
  while (text[end] === text[at]) end += 1;
  return end - at;
}

const SPACE = /^\s?$/;
const SIGN = /[\p{P}\p{S}]/u;

/** Whether emphasis may end between two characters; it may begin where it may end the other way round. */
function ends(inner: string, outer: string, mark: string): boolean {
  if (SPACE.test(inner) || (SIGN.test(inner) && !SPACE.test(outer) && !SIGN.test(outer))) return false;
  return mark !== "_" || SPACE.test(outer) || SIGN.test(outer);
}

function trimmed(code: string): string {
  return /^ .*\S.* $/s.test(code) ? code.slice(1, -1) : code;
}

/** An address without what ends the sentence around it. */
function ended(address: string): string {
  let end = address.length;
  while (end > 0 && /[?!.,:;*_~'")\]]/.test(address.charAt(end - 1))) {
    if (address.charAt(end - 1) === ")" && address.slice(0, end).split("(").length >= address.slice(0, end).split(")").length) break;
    end -= 1;
  }
  return end > 8 ? address.slice(0, end) : address;
}

function joined(parts: readonly Inline[]): Inline[] {
  const made: Inline[] = [];
  for (const part of parts) {
    const last = made.at(-1);
    if (typeof part === "string" && typeof last === "string") made[made.length - 1] = last + part;
    else made.push(part);
  }
  return made;
}
