/** What a reader notes about steps. It stays in the browser, where the browser keeps anything, and goes from one to another as a file. */

export interface Note {
  text: string;
  /** When it was written, ISO. */
  at: string;
}

/** As much of the browser's storage as is needed. */
export interface Keep {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

interface Noted extends Note {
  run: string;
  span: number;
}

const KEY = "trace-ops.notes";
const FORMAT = "trace-ops notes";
const LONGEST = 100_000;

/** Runs go by names of their own (see `nameOf`), steps by their numbers. */
export class Notes {
  readonly #runs = new Map<string, Map<number, Note>>();
  readonly #listeners = new Set<() => void>();
  /** Whether what is written is there when the page is opened again. */
  kept: boolean;

  constructor(readonly keep: Keep | null) {
    this.kept = keep !== null;
    this.reload();
  }

  /** Read what another page has written. */
  reload(): void {
    this.#runs.clear();
    try {
      for (const note of notesIn(this.keep?.getItem(KEY) ?? "") ?? []) this.#put(note);
    } catch {
      this.kept = false; // the browser forbids it, as it may for files
    }
    this.#told();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  find(run: string, span: number): Note | null {
    return this.#runs.get(run)?.get(span) ?? null;
  }

  /** The steps of a run that have a note, in their order. */
  steps(run: string): number[] {
    return [...(this.#runs.get(run)?.keys() ?? [])].sort((a, b) => a - b);
  }

  /** An empty text takes the note away. */
  write(run: string, span: number, text: string, at = new Date()): void {
    if (text.trim() === "") this.#runs.get(run)?.delete(span);
    else this.#put({ run, span, text: text.slice(0, LONGEST), at: at.toISOString() });
    this.#save();
  }

  /** The notes of a run as a file. */
  exported(run: string): string {
    return `${JSON.stringify({ format: FORMAT, version: 1, notes: this.#all().filter((note) => note.run === run) }, null, 2)}\n`;
  }

  /** Take in the notes of a file for a run; how many, or null for what is no such file. Of two notes on a step the later one stays. */
  import(text: string, run: string): number | null {
    const found = notesIn(text);
    if (found === null) return null;
    const later = found.filter((note) => note.at > (this.find(run, note.span)?.at ?? ""));
    for (const note of later) this.#put({ ...note, run });
    this.#save();
    return later.length;
  }

  #all(): Noted[] {
    return [...this.#runs].flatMap(([run, notes]) => [...notes].map(([span, note]) => ({ run, span, ...note })));
  }

  #put({ run, span, text, at }: Noted): void {
    if (!this.#runs.has(run)) this.#runs.set(run, new Map());
    this.#runs.get(run)?.set(span, { text, at });
  }

  #save(): void {
    try {
      this.keep?.setItem(KEY, JSON.stringify({ format: FORMAT, version: 1, notes: this.#all() }));
    } catch {
      this.kept = false; // full, or forbidden
    }
    this.#told();
  }

  #told(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** What a run goes by, so that its notes are found again in another report of it. */
export function nameOf(run: { key: string; path: string | null; name: string; recorded: string | null }): string {
  return [run.path ?? run.name, run.recorded ?? run.key].join(" @ ");
}

/** The notes in a text; null where it is none of ours. Anybody may have written it. */
function notesIn(text: string): Noted[] | null {
  try {
    const value = JSON.parse(text) as { format?: unknown; notes?: unknown } | null;
    if (value?.format !== FORMAT || !Array.isArray(value.notes)) return null;
    return (value.notes as Partial<Noted>[]).filter(isNote);
  } catch {
    return null;
  }
}

function isNote(note: Partial<Noted> | null): note is Noted {
  return (
    note !== null &&
    typeof note.run === "string" &&
    Number.isSafeInteger(note.span) &&
    typeof note.text === "string" &&
    note.text.length <= LONGEST &&
    /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(String(note.at))
  );
}
