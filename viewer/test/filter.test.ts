import { describe, expect, it } from "vitest";
import type { Details, LinkKind, Span } from "../src/core/data";
import { FilterError, parseFilter, type Subject } from "../src/core/filter";
import { Texts } from "../src/core/texts";
import vectors from "../vectors/filters.json";

interface Step {
  span: Span;
  links: LinkKind[];
  reasons: boolean;
  texts: string[];
}

function subject({ span, links, reasons, texts }: Step): Subject {
  return { span, links: () => links, reasons: () => reasons, says: (pattern) => texts.some((text) => pattern.within(text.toLowerCase())) };
}

const subjects = (vectors.steps as unknown as Step[]).map(subject);

describe("a filter means these steps", () => {
  it.each(vectors.matches)("$filter", ({ filter, steps }) => {
    const read = parseFilter(filter);
    expect(subjects.filter((step) => read.fits(step)).map((step) => step.span.id)).toEqual(steps);
  });
});

describe("what is no filter is told with its place", () => {
  it.each(vectors.errors)("$filter", ({ filter, position, message }) => {
    const read = () => parseFilter(filter);
    expect(read).toThrow(FilterError);
    try {
      read();
    } catch (error) {
      const { message: said, position: at, offset } = error as FilterError;
      expect([said, at]).toEqual([message, position]);
      expect([...filter.slice(0, offset)].length).toBe(position);
    }
  });
});

describe("these texts of a step are searched", () => {
  const texts = new Texts(vectors.details as unknown as Details);
  it.each(vectors.texts)("step $step", ({ step, texts: expected }) => {
    // Python sorts by code point.
    expect(texts.of(step).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))).toEqual(expected);
  });
  it("finds thoughts in answers only", () => {
    expect(Object.keys(vectors.details.spans).map(Number).filter((step) => texts.reasons(step))).toEqual(vectors.reasons);
  });
  it("says which steps hold a pattern, whether in a shared message or in their own values", () => {
    const rome = texts.search(parseFilter("rome").terms.map((term) => term.condition).flatMap((one) => (one.type === "text" ? [one.pattern] : []))[0]!);
    expect([1, 2, 3, 4, 5, 99].filter(rome)).toEqual([1, 2]);
  });
});

it("asks for texts and thoughts only where it needs them", () => {
  const never = (): never => {
    throw new Error("asked for in vain");
  };
  const step = { ...subjects[1]!, says: never, reasons: never };
  expect(parseFilter("kind:llm has:reasoning,tools tokens:>1 -model:claude*").fits(step)).toBe(true);
  expect(parseFilter("kind:tool rome has:reasoning").fits(step)).toBe(false);
});

it("says where its terms stand", () => {
  expect(parseFilter(' kind:llm -"a b"').terms.map(({ from, to }) => [from, to])).toEqual([
    [1, 9],
    [10, 16],
  ]);
});
