/** The events of a streamed answer, played back as they came. */

import type { StreamEvent } from "./data";

export type Said = NonNullable<StreamEvent["said"]>;

export class Playback {
  /** When the first and the last event came, in milliseconds since the request left. */
  readonly first: number;
  readonly end: number;

  constructor(readonly events: readonly StreamEvent[]) {
    this.first = events[0]?.at ?? 0;
    this.end = events.reduce((latest, event) => Math.max(latest, event.at), 0);
  }

  /** How many events had come by a time. Events stand in the order in which they came. */
  count(time: number): number {
    let [low, high] = [0, this.events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.events[middle]?.at ?? Infinity) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** When the first event came that added to the answer; null where none did. */
  get firstSaid(): number | null {
    return this.events.find((event) => event.said !== null && event.said.text !== "")?.at ?? null;
  }

  /** What had been said after so many events, in pieces of one kind. */
  said(count: number): Said[] {
    const made: { type: Said["type"]; texts: string[] }[] = [];
    for (const { said } of this.events.slice(0, count)) {
      if (said === null || said.text === "") continue;
      if (made.at(-1)?.type !== said.type) made.push({ type: said.type, texts: [] });
      made.at(-1)?.texts.push(said.text);
    }
    return made.map(({ type, texts }) => ({ type, text: texts.join("") }));
  }

  /** Tokens per second from the first event to the last; null where that cannot be told. */
  rate(tokens: number | null): number | null {
    const seconds = (this.end - this.first) / 1000;
    return tokens === null || tokens === 0 || seconds <= 0 ? null : tokens / seconds;
  }

  /** The longest time without an event, and after how many events it began. */
  get pause(): { ms: number; after: number } | null {
    let longest: { ms: number; after: number } | null = null;
    for (let index = 1; index < this.events.length; index++) {
      const ms = (this.events[index]?.at ?? 0) - (this.events[index - 1]?.at ?? 0);
      if (ms > (longest?.ms ?? 0)) longest = { ms, after: index };
    }
    return longest;
  }

  /** How many characters came in each of so many equal parts of the time. An event that said nothing counts as one. */
  amounts(parts: number): number[] {
    const made = new Array<number>(parts).fill(0);
    for (const { at, said } of this.events) {
      const part = this.end === 0 ? 0 : Math.min(parts - 1, Math.max(0, Math.floor((at / this.end) * parts)));
      made[part] = (made[part] ?? 0) + Math.max(1, said?.text.length ?? 0);
    }
    return made;
  }
}
