/**
 * Which steps of a run are meant: `kind:llm is:error tool:search* cost:>0.01 -model:gpt* "no such city"`. The grammar is that of
 * trace_ops/filters.py; viewer/vectors/filters.json holds what both agree on.
 */

import type { LinkKind, Span } from "./data";

/** Each field with an example of its use. */
export const EXAMPLES = {
  kind: "kind:llm",
  name: "name:search*",
  model: "model:gpt*",
  provider: "provider:openai",
  tool: "tool:search*",
  is: "is:error",
  has: "has:tools",
  tokens: "tokens:>1000",
  in: "in:>1000",
  out: "out:>1000",
  cached: "cached:>1000",
  cost: "cost:>0.01",
  dur: "dur:>2s",
  first: "first:>500ms",
  finish: "finish:length",
  lane: "lane:0",
} as const;

export type Field = keyof typeof EXAMPLES;

export const FIELDS = Object.keys(EXAMPLES) as Field[];

export const CHOICES: Partial<Record<Field, readonly string[]>> = {
  kind: ["llm", "embedding", "tool", "retrieval", "agent", "chain", "decision", "custom"],
  is: ["error", "running", "streamed", "retried", "cached", "unpriced"],
  has: ["reasoning", "tools", "retry", "fallback", "branch", "data", "handoff", "continues"],
};

type Units = Readonly<Record<string, number>>;

const COUNTS: Units = { "": 1, k: 1_000, m: 1_000_000 };
const TIMES: Units = { ms: 1, s: 1_000, m: 60_000 };
const PLAIN: Units = { "": 1 };
const UNITS: Partial<Record<Field, Units>> = { tokens: COUNTS, in: COUNTS, out: COUNTS, cached: COUNTS, dur: TIMES, first: TIMES, cost: PLAIN, lane: PLAIN };

// Not \s: what that is differs between languages.
const SPACE = " \t\r\n\u00a0";
const FIELD = /([A-Za-z_]+):/y;
const QUOTED = /"((?:\\["\\]|[^"\\]|\\(?!["\\]))*)"/y;
const QUANTITY = /^\$?((?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)([A-Za-z]*)$/;
const COMPARISON = /^(?:>=|<=|>|<|=)/;

export class FilterError extends Error {
  constructor(
    message: string,
    /** How many characters stand before what is wrong, as people and Python count them. */
    readonly position: number,
    /** The same as this language counts. */
    readonly offset: number,
  ) {
    super(message);
  }
}

/** A text in lower case, cut where anything may stand between. */
export class Pattern {
  constructor(readonly pieces: readonly string[]) {}

  /** Whether a word is as this says; one that is not known is not. */
  fits(word: string | null): boolean {
    if (word === null) return false;
    const given = word.toLowerCase();
    const [first = "", ...inner] = this.pieces;
    const last = inner.pop();
    if (last === undefined) return given === first;
    const end = given.length - last.length;
    return first.length <= end && given.startsWith(first) && given.endsWith(last) && inOrder(inner, given, first.length, end);
  }

  /** Whether a text, in lower case, holds this somewhere. */
  within(text: string): boolean {
    return inOrder(this.pieces, text, 0, text.length);
  }
}

export type Condition =
  | { type: "word"; field: Field; anyOf: readonly Pattern[] }
  | { type: "number"; field: Field; low: number | null; high: number | null; strict: boolean }
  | { type: "text"; pattern: Pattern };

export interface Term {
  condition: Condition;
  negated: boolean;
  /** Where it stands in the filter. */
  from: number;
  to: number;
}

/** A step that is filtered. What was said in it is asked for only where a filter needs it. */
export interface Subject {
  span: Span;
  /** The kinds of the links that begin or end at it. */
  links: () => Iterable<LinkKind>;
  says: (pattern: Pattern) => boolean;
  /** Whether an answer holds a model's thoughts. */
  reasons: () => boolean;
}

export class Filter {
  constructor(readonly terms: readonly Term[]) {}

  /** Whether it needs what was said in the steps. */
  get reads(): boolean {
    return this.terms.some(({ condition }) => condition.type === "text" || (condition.type === "word" && condition.field === "has"));
  }

  fits(step: Subject): boolean {
    return this.terms.every((term) => holds(term.condition, step) !== term.negated);
  }
}

/** Read a filter; throws {@link FilterError}. */
export function parseFilter(text: string): Filter {
  return new Filter(new Reader(text).terms());
}

/** Reads a filter from left to right. */
class Reader {
  #at = 0;

  constructor(readonly text: string) {}

  terms(): Term[] {
    const terms: Term[] = [];
    while (this.#skipSpace()) {
      const from = this.#at;
      const negated = this.text[from] === "-";
      if (negated) {
        this.#at += 1;
        if (this.#isOver()) this.#refuse("- leaves out the term that it stands before, and none follows", from);
      }
      const condition = this.#condition();
      terms.push({ condition, negated, from, to: this.#at });
    }
    return terms;
  }

  #condition(): Condition {
    const start = this.#at;
    const found = matchAt(FIELD, this.text, start);
    if (found === null) return { type: "text", pattern: this.#value() };
    const field = FIELDS.find((known) => known === found[1]?.toLowerCase());
    if (field === undefined) return this.#refuse(`there is no field "${found[1]}", only ${FIELDS.join(", ")}; to look for a text, quote it`, start);
    this.#at += found[0].length;
    if (this.#isOver()) this.#refuse(`${field}: needs a value, such as ${EXAMPLES[field]}`, this.#at);
    const units = UNITS[field];
    return units === undefined ? { type: "word", field, anyOf: this.#values(field) } : this.#number(field, units);
  }

  #values(field: Field): Pattern[] {
    const choices = CHOICES[field];
    const values: Pattern[] = [];
    for (;;) {
      const start = this.#at;
      if (this.#isOver() || this.text[start] === ",") this.#refuse("a value is missing beside the comma", start);
      const value = this.#value(",");
      if (choices !== undefined && (value.pieces.length > 1 || !choices.includes(value.pieces[0] ?? ""))) {
        this.#refuse(`${field}: is one of ${choices.join(", ")}, not ${this.text.slice(start, this.#at)}`, start);
      }
      values.push(value);
      if (this.text[this.#at] !== ",") return values;
      this.#at += 1;
    }
  }

  #number(field: Field, units: Units): Condition {
    const start = this.#at;
    const word = this.#word();
    const sign = COMPARISON.exec(word)?.[0] ?? "";
    if (sign === "" && word.includes("..")) return this.#range(field, units, word, start);
    const quantity = this.#quantity(field, units, word.slice(sign.length), start + sign.length);
    const low = sign.includes("<") ? null : quantity;
    const high = sign.includes(">") ? null : quantity;
    return { type: "number", field, low, high, strict: sign === "<" || sign === ">" };
  }

  #range(field: Field, units: Units, word: string, start: number): Condition {
    const cut = word.indexOf("..");
    const [first, second] = [word.slice(0, cut), word.slice(cut + 2)];
    const low = first !== "" || second === "" ? this.#quantity(field, units, first, start) : null;
    const high = second === "" ? null : this.#quantity(field, units, second, start + cut + 2);
    if (low !== null && high !== null && low > high) this.#refuse(`${word} holds nothing: the smaller number comes first`, start);
    return { type: "number", field, low, high, strict: false };
  }

  #quantity(field: Field, units: Units, word: string, position: number): number {
    const found = QUANTITY.exec(word);
    if (found === null || (word.startsWith("$") && field !== "cost")) {
      return this.#refuse(`${field}: needs a number, such as ${EXAMPLES[field]}, and "${word}" is none`, position);
    }
    const number = Number(found[1]);
    const unit = (found[2] ?? "").toLowerCase();
    if (Object.hasOwn(units, unit)) return number * (units[unit] ?? 1);
    if (unit === "" && number === 0) return 0;
    const known = Object.keys(units).filter((name) => name !== "").join(", ").replace(/, (?!.*, )/, " or ");
    if (unit === "") return this.#refuse(`${field}: needs a unit: ${known}`, position);
    return this.#refuse(`${field}: has no unit "${found[2]}"; ${known === "" ? "it has none" : `its units are ${known}`}`, position);
  }

  #value(end = ""): Pattern {
    return this.text[this.#at] === '"' ? this.#quoted(end) : new Pattern(this.#word(end).toLowerCase().split("*"));
  }

  #word(end = ""): string {
    const start = this.#at;
    while (!this.#isOver() && !end.includes(this.text[this.#at] ?? "")) this.#at += 1;
    return this.text.slice(start, this.#at);
  }

  #quoted(end: string): Pattern {
    const start = this.#at;
    const found = matchAt(QUOTED, this.text, start);
    if (found === null) return this.#refuse("the quote is not closed", start);
    if (found[1] === "") this.#refuse("there is nothing between the quotes", start);
    this.#at += found[0].length;
    if (!this.#isOver() && !end.includes(this.text[this.#at] ?? "")) this.#refuse("a space is missing after the quote", this.#at);
    return new Pattern([(found[1] ?? "").replace(/\\(["\\])/g, "$1").toLowerCase()]);
  }

  #skipSpace(): boolean {
    while (this.#at < this.text.length && SPACE.includes(this.text[this.#at] ?? "")) this.#at += 1;
    return this.#at < this.text.length;
  }

  /** Whether a term ends here. */
  #isOver(): boolean {
    return this.#at >= this.text.length || SPACE.includes(this.text[this.#at] ?? "");
  }

  #refuse(message: string, offset: number): never {
    throw new FilterError(message, [...this.text.slice(0, offset)].length, offset);
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function inOrder(pieces: readonly string[], text: string, start: number, end: number): boolean {
  let at = start;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

function holds(condition: Condition, step: Subject): boolean {
  switch (condition.type) {
    case "text":
      return named(step.span).some((text) => condition.pattern.within(text.toLowerCase())) || step.says(condition.pattern);
    case "number":
      return isBetween(condition, numberOf(condition.field, step.span));
    case "word":
      return condition.anyOf.some((pattern) => wordsOf(condition.field, step, pattern).some((word) => pattern.fits(word)));
  }
}

function named({ name, label, error }: Span): string[] {
  return error === null ? [name, label] : [name, label, error.type, error.message];
}

function wordsOf(field: Field, step: Subject, pattern: Pattern): (string | null)[] {
  const { span } = step;
  switch (field) {
    case "name":
      return [span.name, span.label];
    case "tool":
      return span.kind === "tool" ? [span.name, ...span.tools] : span.tools;
    case "is":
      return states(span);
    case "has":
      return holdings(step, pattern);
    case "kind":
    case "model":
    case "provider":
    case "finish":
      return [span[field]];
    default:
      return [];
  }
}

export function states(span: Span): string[] {
  const found: string[] = [];
  if (span.error !== null) found.push("error");
  if (span.ms === null) found.push("running");
  if (span.first !== null) found.push("streamed");
  if (span.attempts > 1) found.push("retried");
  if (span.usage?.cache_read) found.push("cached");
  if (span.unpriced) found.push("unpriced");
  return found;
}

function holdings(step: Subject, pattern: Pattern): string[] {
  const found: string[] = [...step.links()];
  if (step.span.tools.length > 0) found.push("tools");
  if (pattern.fits("reasoning") && (step.span.usage?.reasoning || step.reasons())) found.push("reasoning");
  return found;
}

function numberOf(field: Field, span: Span): number | null {
  switch (field) {
    case "dur":
      return span.ms;
    case "cost":
    case "first":
    case "lane":
      return span[field];
    case "in":
      return span.usage?.input ?? null;
    case "out":
      return span.usage?.output ?? null;
    case "cached":
      return span.usage?.cache_read ?? null;
    default:
      return tokensOf(span);
  }
}

/** Input and output, as far as they are known. */
export function tokensOf({ usage }: Span): number | null {
  if (usage === null || (usage.input === null && usage.output === null)) return null;
  return (usage.input ?? 0) + (usage.output ?? 0);
}

function isBetween({ low, high, strict }: { low: number | null; high: number | null; strict: boolean }, value: number | null): boolean {
  if (value === null || (strict && (value === low || value === high))) return false;
  return (low === null || value >= low) && (high === null || value <= high);
}
