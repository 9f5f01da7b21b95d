/** The notes of this page, which every part of it may show. */

import { useEffect, useMemo, useReducer } from "preact/hooks";
import type { RunHead } from "../../core/data";
import { type Keep, nameOf, Notes } from "../../core/notes";

let notes: Notes | null = null;

function all(): Notes {
  if (notes !== null) return notes;
  const made = new Notes(storage());
  window.addEventListener("storage", () => made.reload());
  notes = made;
  return made;
}

/** Browsers forbid it in some places, files among them. */
export function storage(): Keep | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

/** The notes, and the name a run goes by in them; the component is drawn anew when one is written. */
export function useNotes(run: RunHead): { notes: Notes; name: string } {
  const [, changed] = useReducer((count: number) => count + 1, 0);
  useEffect(() => all().subscribe(() => changed(undefined)), []);
  return { notes: all(), name: useMemo(() => nameOf(run), [run]) };
}

/** The steps of a run that have a note. */
export function useNoted(run: RunHead): ReadonlySet<number> {
  const { notes, name } = useNotes(run);
  return new Set(notes.steps(name));
}
