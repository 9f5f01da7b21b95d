import { describe, expect, test } from "vitest";
import { nameOf, Notes, type Keep } from "../src/core/notes";
import { Memory } from "./memory";

describe("notes", () => {
  test("are there when the page is opened again", () => {
    const memory = new Memory();
    new Notes(memory).write("run", 3, "Why?");
    const again = new Notes(memory);
    expect(again.find("run", 3)?.text).toBe("Why?");
    expect(again.steps("run")).toEqual([3]);
    expect(again.find("other", 3)).toBeNull();
    expect(again.kept).toBe(true);
  });

  test("are taken away by writing nothing", () => {
    const notes = new Notes(new Memory());
    notes.write("run", 3, "Why?");
    notes.write("run", 3, "  ");
    expect(notes.steps("run")).toEqual([]);
  });

  test("go to another browser as a file", () => {
    const notes = new Notes(null);
    notes.write("run", 3, "first", new Date(1000));
    notes.write("run", 1, "__proto__", new Date(1000));
    notes.write("secret", 1, "not of this run");
    const other = new Notes(new Memory());
    other.write("here", 3, "later", new Date(2000));
    expect(notes.exported("run")).not.toContain("secret");
    expect(other.import(notes.exported("run"), "here")).toBe(1);
    expect(other.steps("here").map((step) => other.find("here", step)?.text)).toEqual(["__proto__", "later"]);
  });

  test.each(["", "nonsense", "null", "[]", '{"format": "other", "notes": []}', '{"format": "trace-ops notes", "notes": 1}'])("take in no file that is none: %j", (text) =>
    expect(new Notes(null).import(text, "run")).toBeNull(),
  );

  test("take in nothing of a file that is no note", () => {
    const made = [null, 1, { run: "r", span: "1", text: "t", at: "2026-01-01T00:00:00Z" }, { run: "r", span: 1, text: {}, at: "2026-01-01T00:00:00Z" }, { run: "r", span: 1, text: "t", at: "<b>" }];
    expect(new Notes(null).import(JSON.stringify({ format: "trace-ops notes", notes: made }), "run")).toBe(0);
  });

  test("are lost with the page where the browser keeps nothing, and that is known", () => {
    const forbidden: Keep = {
      getItem: () => {
        throw new Error("denied");
      },
      setItem: () => {
        throw new Error("denied");
      },
    };
    const notes = new Notes(forbidden);
    notes.write("run", 1, "still here");
    expect([notes.kept, notes.find("run", 1)?.text]).toEqual([false, "still here"]);
  });

  test("tell who listens", () => {
    const notes = new Notes(null);
    let told = 0;
    const stop = notes.subscribe(() => (told += 1));
    notes.write("run", 1, "a");
    stop();
    notes.write("run", 1, "b");
    expect(told).toBe(1);
  });
});

test("a run goes by its cassette and when it was recorded", () => {
  expect(nameOf({ key: "r1", path: "a.yaml", name: "a", recorded: "2026-01-01T00:00:00Z" })).toBe("a.yaml @ 2026-01-01T00:00:00Z");
  expect(nameOf({ key: "r1", path: null, name: "a", recorded: null })).toBe("a @ r1");
});
