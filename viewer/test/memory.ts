import type { Keep } from "../src/core/notes";

/** A browser's storage. */
export class Memory implements Keep {
  readonly all = new Map<string, string>();
  getItem = (key: string) => this.all.get(key) ?? null;
  setItem = (key: string, value: string) => void this.all.set(key, value);
}
