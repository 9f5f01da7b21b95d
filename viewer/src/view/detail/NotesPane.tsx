import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Span } from "../../core/data";
import { counted, date } from "../../core/format";
import type { Notes } from "../../core/notes";
import type { Tree } from "../../core/tree";
import { useNavigation, usePage } from "../hooks";
import { Icon } from "../icons";
import { Line, Text } from "../Text";
import { useNotes } from "./notes";

interface Props {
  tree: Tree;
  span: Span | null;
}

/** What readers noted about a step, and about the others of the run. */
export function NotesPane({ tree, span }: Props): JSX.Element {
  const { notes, name } = useNotes(tree.run.head);
  const steps = notes.steps(name).filter((step) => step !== span?.id && tree.has(step));
  return (
    <>
      {span !== null && <Note key={span.id} notes={notes} run={name} span={span.id} />}
      {!notes.kept && <p class="detail-note">This browser keeps nothing for this page: save the notes as a file before you close it.</p>}
      <section class="section">
        <h3>{steps.length === 0 ? "No notes on other steps" : counted(steps.length, span === null ? "note" : "note on other steps", span === null ? "notes" : "notes on other steps")}</h3>
        {steps.map((step) => (
          <Other key={step} tree={tree} step={step} text={notes.find(name, step)?.text ?? ""} />
        ))}
        <Files notes={notes} run={name} title={tree.run.head.name} />
      </section>
    </>
  );
}

function Note({ notes, run, span }: { notes: Notes; run: string; span: number }): JSX.Element {
  const note = notes.find(run, span);
  return (
    <section class="section">
      <label class="note-label" for="note">
        Note on step {span}
      </label>
      <textarea
        id="note"
        class="field note-field"
        rows={6}
        value={note?.text ?? ""}
        placeholder="What is worth remembering about this step? Saved as you type, in this browser alone."
        onInput={(event) => notes.write(run, span, event.currentTarget.value)}
      />
      <p class="detail-note">{note === null ? "No note." : `Written ${date(note.at)}. Clear the text to take it away.`}</p>
    </section>
  );
}

function Other({ tree, step, text }: { tree: Tree; step: number; text: string }): JSX.Element {
  const navigation = useNavigation();
  return (
    <div class="note-other">
      <button class="step-link" onClick={() => navigation.change({ span: step, at: null, tab: "notes" })}>
        <Icon name="note" /> {step} <Line value={tree.find(step)?.label ?? ""} most={40} />
      </button>
      <p class="plain">
        <Text value={text} />
      </p>
    </div>
  );
}

function Files({ notes, run, title }: { notes: Notes; run: string; title: string }): JSX.Element {
  const { say } = usePage();
  const file = useRef<HTMLInputElement>(null);
  const [key, setKey] = useState(0);
  const read = async (chosen: File | undefined) => {
    setKey(key + 1); // so that the same file can be chosen again
    if (chosen === undefined) return;
    const count = notes.import(await chosen.text(), run);
    say(count === null ? "This is no file of notes." : `${counted(count, "note")} taken in.`);
  };
  return (
    <div class="note-files">
      <button class="button" disabled={notes.steps(run).length === 0} onClick={() => save(notes.exported(run), `${title.replace(/[^\w.-]+/g, "-").slice(0, 80)}.notes.json`)}>
        Save notes as a file
      </button>
      <button class="button" onClick={() => file.current?.click()}>
        Take in a file
      </button>
      <input key={key} ref={file} type="file" accept="application/json,.json" hidden aria-label="File of notes" onChange={(event) => void read(event.currentTarget.files?.[0])} />
    </div>
  );
}

function save(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
