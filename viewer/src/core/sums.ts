/** How sums over steps read, where a part of them may not be known. */

import { compact, cost, count, counted } from "./format";
import type { Total } from "./tree";

/** `12.3k`, `12.3k+?` where a call did not tell; nothing where no tokens were used. */
export function tokensWord({ input, output, untold }: Total): string {
  const known = input + output;
  if (untold > 0) return known > 0 ? `${compact(known)}+?` : "?";
  return known > 0 ? compact(known) : "";
}

export function tokensTitle({ input, output, cached, untold }: Total): string {
  const known = `${count(input)} in, of which ${count(cached)} cached; ${count(output)} out`;
  return untold > 0 ? `${known}; ${counted(untold, "call")} did not tell` : known;
}

/** `$0.012`, `$0.012+?` where a price is not known; nothing where nothing was paid. */
export function costWord(total: Total): string {
  if (total.cost === 0) return total.unpriced > 0 ? "?" : "";
  return (total.cost < LEAST ? `<$${LEAST}` : cost(total.cost)) + (total.unpriced > 0 ? "+?" : "");
}

/** What is less than this is not told apart in a list. */
const LEAST = 0.0001;

export function costTitle(total: Total): string {
  if (total.unpriced === 0) return cost(total.cost);
  return `${cost(total.cost)} and what ${counted(total.unpriced, "call")} cost that nobody knows`;
}
