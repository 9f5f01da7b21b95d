/** What a step took, told apart as far as it is known. */

import type { Usage } from "./data";

export interface TokenClass {
  name: string;
  /** Null where nobody knows. */
  tokens: number | null;
  side: "in" | "out";
}

/** The tokens of a call by what they were: those read from a cache, and those thought, are told apart from the rest. */
export function tokenClasses(usage: Usage): TokenClass[] {
  const [input, output] = [less(usage.input, usage.cache_read, usage.cache_write), less(usage.output, usage.reasoning)];
  const rows: TokenClass[] = [
    { name: "read from the cache", tokens: usage.cache_read, side: "in" },
    { name: "written to the cache", tokens: usage.cache_write, side: "in" },
    { name: "reasoning", tokens: usage.reasoning, side: "out" },
  ];
  const told = rows.filter(({ tokens }) => tokens !== null && tokens > 0);
  return [
    { name: told.some(({ side }) => side === "in") ? "other input" : "input", tokens: input, side: "in" },
    ...told.filter(({ side }) => side === "in"),
    { name: told.some(({ side }) => side === "out") ? "other output" : "output", tokens: output, side: "out" },
    ...told.filter(({ side }) => side === "out"),
  ];
}

function less(all: number | null, ...parts: (number | null)[]): number | null {
  return all === null ? null : Math.max(0, all - parts.reduce<number>((sum, part) => sum + (part ?? 0), 0));
}

/** How much of the input came from a cache, 0 to 1; null where that is not known. */
export function cacheShare(input: number | null, cached: number | null): number | null {
  return input === null || cached === null || input === 0 ? null : Math.min(1, cached / input);
}
