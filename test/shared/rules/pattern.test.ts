import fc from "fast-check";
import { expect, test } from "vitest";
import { fits } from "../../../shared/rules/pattern.ts";

fc.configureGlobal({ seed: 20_260_105 });

/** Few letters, so that patterns fit now and then. */
const text = fc.string({ unit: fc.constantFrom("a", "b", "A"), maxLength: 8 });
const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 6 });

test("a pattern fits what the same regular expression fits", () => {
  fc.assert(
    fc.property(pattern, text, (pattern, text) => {
      const same = new RegExp(`^${pattern.replaceAll("*", ".*")}$`, "is");
      expect(fits(pattern, text)).toBe(same.test(text));
    }),
    { numRuns: 2000 },
  );
});

test("all other marks stand for themselves", () => {
  expect(fits("a.c (x|y) [z]+", "A.C (x|y) [Z]+")).toBe(true);
  expect(fits("a.c", "abc")).toBe(false);
  expect(fits("a\\b*", "a\\bc")).toBe(true);
});

test("no pattern takes long, whatever the text", () => {
  const startedAt = performance.now();
  expect(fits(`${"*a".repeat(100)}*b`, "a".repeat(100_000))).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(1000);
});
