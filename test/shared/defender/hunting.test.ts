import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { huntingCalls } from "../../../shared/defender/hunting/calls.ts";
import { kql, kqlText } from "../../../shared/defender/hunting/kql.ts";
import { instant } from "../../../shared/defender/odata/filter.ts";
import { PermanentError } from "../../../shared/errors.ts";
import { MACHINE_ID } from "../../helpers/builders.ts";
import { contractFor } from "../../helpers/contract.ts";
import { simulatedDefender } from "../../helpers/defender.ts";

contractFor(huntingCalls);

const query = kql`DeviceProcessEvents | where DeviceId == ${MACHINE_ID} | project Timestamp, DeviceId, ReportId`;
const found = { Timestamp: "2026-01-05T08:59:21.7115183Z", DeviceId: MACHINE_ID, ReportId: 9_007_199_254_740_993n };

test.each([
  ["graph", "/graph/v1.0/security/runHuntingQuery"],
  ["defender", "/api/advancedqueries/run"],
] as const)("finds the same by %s, numbers to the last digit", async (hunting, path) => {
  await using defender = await simulatedDefender({}, { hunting });
  await defender.simulator.addHuntingAnswer({ contains: "DeviceProcessEvents", rows: [found] });

  expect(await defender.defender.hunting.run(query)).toEqual({
    columns: [
      { name: "Timestamp", type: "DateTime" },
      { name: "DeviceId", type: "String" },
      { name: "ReportId", type: "Int64" },
    ],
    rows: [{ ...found, ReportId: "9007199254740993" }],
  });
  expect(await defender.simulator.journal({ path })).toMatchObject([{ status: 200, body: { Query: query } }]);
});

test("finds nothing, with the columns it would have", async () => {
  await using defender = await simulatedDefender();

  const { columns, rows } = await defender.defender.hunting.run(query);
  expect([columns.map(({ name }) => name), rows]).toEqual([["Timestamp", "DeviceId", "ReportId"], []]);
});

test("asks Graph for a timespan, and refuses one where Graph is not asked", async () => {
  await using graph = await simulatedDefender();
  await graph.defender.hunting.run(query, { timespan: "P7D" });
  expect(await graph.simulator.journal({ path: "*/runHuntingQuery" })).toMatchObject([{ body: { Timespan: "P7D" } }]);

  await using own = await simulatedDefender({}, { hunting: "defender" });
  await expect(own.defender.hunting.run(query, { timespan: "P7D" })).rejects.toThrow("Only Graph takes a timespan");
});

test("says why a query is not taken", async () => {
  await using defender = await simulatedDefender({ largestHuntingResultBytes: 10 });
  await defender.simulator.addHuntingAnswer({ contains: "DeviceProcessEvents", rows: [found] });

  const refusal = defender.defender.hunting.run(query);
  await expect(refusal).rejects.toMatchObject({ name: "DefenderRefusedError", call: { status: 400 } });
  await expect(refusal).rejects.toThrow("exceeded the allowed result size");
});

describe("values in a query", () => {
  /**
   * Takes the texts out of a query as Kusto reads them: from a quote to the next one without a backslash before it, all on
   * one line. Knows nothing of how queries are made.
   */
  function readTexts(written: string): string[] {
    const texts: string[] = [];
    for (const [, inside = ""] of written.matchAll(/"((?:[^"\\\n\r\u0085\u2028\u2029]|\\.)*)"/g)) {
      texts.push(inside.replaceAll(/\\(u[0-9a-f]{4}|.)/g, (_, written: string) => meaning(written)));
    }
    return texts;
  }

  const SIMPLE: Record<string, string> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
  const meaning = (written: string): string =>
    written.length > 1 ? String.fromCharCode(Number.parseInt(written.slice(1), 16)) : (SIMPLE[written] ?? written);

  const anyText = fc
    .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0x22, 0x27, 0x5c, 0x0a, 0x7c, 0x2028, 0x85)))
    .map((codes) => String.fromCharCode(...codes));

  test("stay what they are, and inside their quotes, whatever they hold", () => {
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        const written = kql`T | where a == ${one} and b in (${[other, one]})`;
        expect(readTexts(written)).toEqual([one, other, one]);
        expect(written.replaceAll(/"(?:[^"\\]|\\.)*"/g, "?")).toBe("T | where a == ? and b in (?, ?)");
      }),
      { seed: 20260105, numRuns: 500 },
    );
  });

  test("do not end their text, nor begin another command", () => {
    expect(kqlText('x" | take 1 //')).toBe('"x\\" | take 1 //"');
    expect(kqlText("C:\\temp\n")).toBe('"C:\\\\temp\\n"');
  });

  test("are numbers, truth values and times as well", () => {
    expect(kql`${5} ${2n ** 60n} ${true} ${instant("2026-01-05T09:00:00.1234567Z")} ${[1, 2]}`).toBe(
      "5 1152921504606846976 true datetime(2026-01-05T09:00:00.1234567Z) 1, 2",
    );
  });

  test("are refused where a query could not be one with them", () => {
    expect(() => kql`a in (${[]})`).toThrow(PermanentError);
    expect(() => kql`a == ${Number.NaN}`).toThrow(PermanentError);
  });
});
