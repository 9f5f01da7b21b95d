/** Which of many messages hold a text. */

import type { Turn } from "./conversation";
import type { Message } from "./data";
import { textsOf } from "./said";

const LOWERED = new WeakMap<Message, string>();

/** The places of the turns that hold a text, whatever its case. */
export function holding(turns: readonly Turn[], query: string): number[] {
  const wanted = query.toLowerCase();
  return wanted === "" ? [] : turns.flatMap(({ message }, place) => (lowered(message).includes(wanted) ? [place] : []));
}

function lowered(message: Message): string {
  const known = LOWERED.get(message);
  if (known !== undefined) return known;
  const text = message.parts.flatMap(textsOf).join("\n").toLowerCase();
  LOWERED.set(message, text);
  return text;
}
