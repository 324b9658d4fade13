import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePattern } from "../../../shared/feeds/stix/pattern.ts";
import { PatternError } from "../../../shared/feeds/stix/tokens.ts";
import { feedJson, hasFeedFixtures } from "../../helpers/feed-fixtures.ts";

interface Vector {
  pattern: string;
  specVersion: "2.0" | "2.1";
  valid: boolean;
}

function isValid({ pattern, specVersion }: Vector): boolean {
  try {
    parsePattern(pattern, specVersion);
    return true;
  } catch (error) {
    if (error instanceof PatternError) return false;
    throw error;
  }
}

describe.runIf(hasFeedFixtures)("patterns are judged as the official validator judges them", () => {
  test.each(["oasis-validator-vectors.json", "scraped-patterns.json"])("%s", (name) => {
    const vectors: Vector[] = feedJson(`patterns/${name}`);
    expect(vectors.length).toBeGreaterThan(100);
    expect(vectors.filter((vector) => isValid(vector) !== vector.valid)).toEqual([]);
  });
});

test("the structure is that of the precedence: AND before OR before FOLLOWEDBY", () => {
  const one = (value: string) => `[a:b = '${value}']`;
  expect(parsePattern(`${one("1")} FOLLOWEDBY ${one("2")} OR ${one("3")} AND ${one("4")}`)).toMatchObject({
    kind: "followedBy",
    parts: [{ kind: "observation" }, { kind: "or", parts: [{ kind: "observation" }, { kind: "and" }] }],
  });
  expect(parsePattern("[a:b = 1 OR a:c = 2 AND a:d = 3] REPEATS 2 TIMES WITHIN 1.5 SECONDS")).toMatchObject({
    kind: "observation",
    repeats: 2,
    withinSeconds: 1.5,
    comparisons: { kind: "or", parts: [{ kind: "comparison" }, { kind: "and" }] },
  });
});

test("paths and literals are read to the letter", () => {
  expect(parsePattern(String.raw`[file:hashes.'SHA-1'[0].x NOT IN ('it\'s', 'a\\b', -1.5) /* why */ ] // end`)).toEqual(
    {
      kind: "observation",
      comparisons: {
        kind: "comparison",
        object: "file",
        path: ["hashes", "SHA-1", "[0]", "x"],
        operator: "IN",
        negated: true,
        values: ["it's", String.raw`a\b`, "-1.5"],
      },
    },
  );
});

test("a mistake is told with its place", () => {
  expect(() => parsePattern("[a:b = 'x' OR unconverted:thing]")).toThrow("]");
  expect(() => parsePattern('[a:b = "x"]')).toThrow("character 8");
  expect(() => parsePattern("[NOT a:b = 'x']")).toThrow(PatternError);
  expect(() => parsePattern(`${"(".repeat(100_000)}`)).toThrow(PatternError);
});

test("no text makes the parser fail otherwise than with a mistake in the pattern", () => {
  const piece = fc.constantFrom(
    "[",
    "]",
    "(",
    ")",
    "a:b",
    " = ",
    "'x'",
    " AND ",
    " OR ",
    "NOT ",
    "'",
    "t'",
    "1",
    " IN ",
    "*",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((parts) => parts.join("")),
      ),
      (text) => {
        isValid({ pattern: text, specVersion: "2.1", valid: true });
      },
    ),
    { numRuns: 1000 },
  );
});
