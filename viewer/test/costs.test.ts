import { expect, test } from "vitest";
import { cacheShare, tokenClasses } from "../src/core/costs";
import type { Usage } from "../src/core/data";

const usage = (given: Partial<Usage>): Usage => ({ input: null, output: null, cache_read: null, cache_write: null, reasoning: null, ...given });
const told = (given: Partial<Usage>) => tokenClasses(usage(given)).map(({ name, tokens }) => [name, tokens]);

test("tokens are told apart as far as they are known", () => {
  expect(told({ input: 100, output: 20 })).toEqual([
    ["input", 100],
    ["output", 20],
  ]);
  expect(told({ input: 100, output: 20, cache_read: 60, cache_write: 10, reasoning: 5 })).toEqual([
    ["other input", 30],
    ["read from the cache", 60],
    ["written to the cache", 10],
    ["other output", 15],
    ["reasoning", 5],
  ]);
  expect(told({ output: 20, cache_read: 0 })).toEqual([
    ["input", null],
    ["output", 20],
  ]);
});

test("the share from a cache is not known where its parts are not", () => {
  expect(cacheShare(100, 40)).toBe(0.4);
  expect([cacheShare(null, 40), cacheShare(100, null), cacheShare(0, 0)]).toEqual([null, null, null]);
});
