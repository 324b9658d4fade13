import { expect, test } from "vitest";
import { compareSeverity, knownSeverity, severityRank } from "../../../shared/streaming/severity.ts";

test("severities rise from informational to high, in whatever case", () => {
  expect(["high", "Low", "INFORMATIONAL", "Medium"].sort(compareSeverity)).toEqual([
    "INFORMATIONAL",
    "Low",
    "Medium",
    "high",
  ]);
});

test.each(["UnSpecified", "", "constructor", null, undefined])(
  "%j ranks below all others and is no severity",
  (severity) => {
    expect(severityRank(severity)).toBe(0);
    expect(knownSeverity(severity)).toBeUndefined();
    expect(compareSeverity(severity, "Informational")).toBeLessThan(0);
  },
);

test("a known severity is spelled as in the stream", () => {
  expect(knownSeverity(" informational ")).toBe("Informational");
});
