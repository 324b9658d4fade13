import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { committedResources, committedText } from "../../infra/check/committed.ts";
import { ofType, valueAt } from "../../infra/check/resources.ts";

const sources = globSync("{functions,shared}/**/*.ts").map((file) => readFileSync(file, "utf8"));
const isLogged = (words: string) => sources.some((source) => source.includes(words));

/** The words that a query looks for in the message of a line. */
const wordsOf = (query: string): string[] =>
  [...query.matchAll(/Message (?:startswith|has) \\?"([^"\\]+)/g)].map(([, words = ""]) => words);

test("every alert rule looks for what the app logs", () => {
  const queries = ofType(committedResources("prod"), "Microsoft.Insights/scheduledQueryRules").map((rule) =>
    String(valueAt(rule, "properties.criteria.allOf.0.query")),
  );
  expect(queries.map(wordsOf).filter((words) => words.length === 0)).toEqual([]);
  expect(queries.flatMap(wordsOf).filter((words) => !isLogged(words))).toEqual([]);
});

test("every query of the workbook looks for what the app logs", () => {
  const words = wordsOf(committedText("workbook.json"));
  expect(words.length).toBeGreaterThan(5);
  expect(words.filter((word) => !isLogged(word))).toEqual([]);
});

test("words that nobody logs are found out", () => {
  expect(wordsOf('AppTraces | where Message startswith "the moon is full"').filter(isLogged)).toEqual([]);
  expect(isLogged("the moon is full")).toBe(false);
});
