import { describe, expect, test } from "vitest";
import type { Json } from "../src/core/data";
import { entries, get, inline, parsed, printed, resolved } from "../src/core/json";

const HOSTILE = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2, "toString": [], "hasOwnProperty": {}}') as { [key: string]: Json };

test.each<Json>([null, 1, "a\n\"b\"", [], {}, [1, [2, { a: [] }], {}], { a: { b: [1, 2] }, c: null }, HOSTILE])("prints %j as JSON.stringify does", (value) =>
  expect(printed(value)).toBe(JSON.stringify(value, null, 2)),
);

test("prints what is too deep for recursion", () => {
  const deep = JSON.parse("[".repeat(20_000) + "]".repeat(20_000)) as Json;
  expect(printed(deep).replace(/\s/g, "")).toBe("[".repeat(20_000) + "]".repeat(20_000));
});

test("names that every object has are names like others", () => {
  expect(entries(HOSTILE).map(([key]) => key)).toEqual(["__proto__", "constructor", "toString", "hasOwnProperty"]);
  expect(get(HOSTILE, "__proto__")).toEqual({ a: 1 });
  expect(get({}, "constructor")).toBeUndefined();
  expect(inline(HOSTILE)).toBe("{__proto__: {…}, constructor: 2, toString: [], hasOwnProperty: {}}");
});

describe("a value in one line", () => {
  test.each<[Json, string]>([
    [{ city: "Oslo", days: 3 }, '{city: "Oslo", days: 3}'],
    [[1, null, true], "[1, null, true]"],
    [[], "[]"],
    ["x".repeat(100), `"${"x".repeat(80)}"…`],
    [{ text: "y".repeat(100), more: 1 }, `{text: "${"y".repeat(40)}"…, more: 1}`],
    [{ ["k".repeat(100)]: 1 }, "{1 …}"],
  ])("%j", (value, shown) => expect(inline(value)).toBe(shown));
});

test("only a whole list or object counts as JSON", () => {
  expect(parsed(' {"a": [1]} ')).toEqual({ a: [1] });
  expect(parsed('"text"')).toBeNull();
  expect(parsed("[see above]")).toBeNull();
});

describe("what a body shares with others", () => {
  test("stands in its places, and the body stays as it is", () => {
    const body = { json: { model: "m", messages: [null, { role: "user" }, null] } as Json, places: { "/messages/0": 1, "/messages/2": 0 } };
    expect(resolved(body, ["zero", { role: "system" }])).toEqual({ model: "m", messages: [{ role: "system" }, { role: "user" }, "zero"] });
    expect((body.json as { messages: Json[] }).messages[0]).toBeNull();
  });

  test("may be all of it, and have any name", () => {
    expect(resolved({ json: null, places: { "": 0 } }, [{ whole: true }])).toEqual({ whole: true });
    const hostile = resolved({ json: JSON.parse('{"__proto__": null, "a/b~c": null}') as Json, places: { "/__proto__": 0, "/a~1b~0c": 1 } }, [{ polluted: true }, 2]);
    expect(JSON.stringify(hostile)).toBe('{"__proto__":{"polluted":true},"a/b~c":2}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("is left out where its place is not there", () => expect(resolved({ json: { a: 1 }, places: { "/b/c": 0 } }, [2])).toEqual({ a: 1 }));
});
