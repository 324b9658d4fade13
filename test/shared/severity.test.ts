import { expect, test } from "vitest";
import { knownSeverity } from "../../shared/severity.ts";

test.each(["UnSpecified", "", "constructor", null, undefined])("%j is no severity", (severity) => {
  expect(knownSeverity(severity)).toBeUndefined();
});

test("a known severity is spelled as in the stream, in whatever case it came", () => {
  expect([" informational ", "HIGH", "low"].map(knownSeverity)).toEqual(["Informational", "High", "Low"]);
});
