import { afterEach, expect, test } from "vitest";
import { alertSighting } from "../../../shared/streaming/alert-sighting.ts";
import { countTables } from "../../../shared/streaming/count-tables.ts";
import { decodeMessage } from "../../../shared/streaming/decode-message.ts";
import { sightingKey } from "../../../shared/streaming/sighting-key.ts";
import { isAlertRecord } from "../../../shared/streaming/stream-record.ts";
import { aMessage, anAlertEvidence, anAlertInfo } from "../../helpers/stream.ts";

/** All that intake does with a message. */
function takeIn(body: Uint8Array | string | object) {
  const { records, rejected } = decodeMessage(body);
  const alerts = records.filter(isAlertRecord);
  countTables(records);
  return { records, rejected, sightings: alerts.map(alertSighting), keys: alerts.map(sightingKey) };
}

const inherited = Object.getOwnPropertyNames(Object.prototype);

afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype), "the prototype of all objects").toEqual(inherited);
});

test("keys that name prototypes are keys like any other, at every level", () => {
  const poison = '"__proto__":{"admin":true,"MachineId":"x"},"constructor":{"prototype":{"admin":true}}';
  const fields = JSON.stringify(`{${poison},"Host":{${poison}}}`);
  const record = JSON.stringify(anAlertEvidence({ entityType: "Process" }))
    .replace(/"AdditionalFields":"(?:[^"\\]|\\.)*"/, () => `"AdditionalFields":${fields},${poison}`)
    .replace("{", `{${poison},`);
  const { records, rejected, sightings } = takeIn(`{${poison},"records":[${record}]}`);

  expect(rejected).toEqual([]);
  expect(sightings).toHaveLength(1);
  expect(sightings[0]).not.toHaveProperty("machine");
  for (const object of [{}, records[0], records[0]?.properties, sightings[0]]) {
    expect((object as { admin?: boolean }).admin).toBeUndefined();
  }
});

test("a record cannot inherit what it lacks", () => {
  const { properties, ...envelope } = anAlertInfo();
  const body = `{"records":[{"__proto__":${JSON.stringify({ properties })},${JSON.stringify(envelope).slice(1)}]}`;
  expect(takeIn(body)).toMatchObject({ records: [], rejected: [{ index: 0 }] });
});

test("a table may be called like what every object inherits", () => {
  const { records } = takeIn(aMessage([{ ...anAlertInfo(), category: "AdvancedHunting-constructor" }]));
  expect(countTables(records).get("unknown")).toEqual(new Map([["constructor", 1]]));
});

test("of a key that is there twice the last value counts", () => {
  const record = JSON.stringify(anAlertInfo()).replace('"Severity":"High"', '"Severity":"High","Severity":"Low"');
  expect(takeIn(`[${record}]`).sightings).toMatchObject([{ severity: "Low" }]);
});

test("deep fields, within the limit and beyond it, are walked without running out of stack", () => {
  const nested = (levels: number) => `${'{"Host":'.repeat(levels)}{}${"}".repeat(levels)}`;
  for (const levels of [200, 300, 20_000]) {
    const { sightings, rejected } = takeIn(
      aMessage([anAlertEvidence({ entityType: "User", columns: { AdditionalFields: nested(levels) } })]),
    );
    expect(rejected).toEqual([]);
    expect(sightings).toHaveLength(1);
  }
});

test("references that would double at every level cost nothing", () => {
  const levels = Array.from({ length: 200 }, (_, level) => {
    return `"L${level}":{"$id":"${level}","a":{"$ref":"${level + 1}"},"b":{"$ref":"${level + 1}"}}`;
  });
  const AdditionalFields = `{${levels.join()},"Host":{"$ref":"0"}}`;
  expect(
    takeIn(aMessage([anAlertEvidence({ entityType: "Process", columns: { AdditionalFields } })])).keys,
  ).toHaveLength(1);
});

test("a message full of junk, as large as they come, is read in one go", () => {
  const record = JSON.stringify(anAlertInfo({ title: "x" }));
  const many = Math.floor(1_000_000 / record.length);
  const junk = [
    `{"records":[${Array(many).fill(record)}]}`,
    aMessage([
      anAlertEvidence({ title: "\u0000".repeat(100_000), columns: { AdditionalFields: "\\".repeat(200_000) } }),
    ]),
    aMessage([anAlertEvidence({ columns: { AdditionalFields: `{${'"a":{},'.repeat(60_000)}"b":1}` } })]),
    aMessage([anAlertInfo({ techniques: ["(T1059".repeat(50_000), "T".repeat(300_000)] })]),
    aMessage([anAlertEvidence({ columns: { Categories: "[".repeat(500_000), ReportId: Number.MAX_VALUE } })]),
    `[{"a":${"9".repeat(500_000)}},{"b":1e${"9".repeat(1_000)}}]`,
  ];
  const results = junk.map((body) => takeIn(body));
  expect(results.map(({ records, rejected }) => [records.length, rejected.length])).toEqual([
    [many, 0],
    [1, 0],
    [1, 0],
    [1, 0],
    [1, 0],
    [0, 2],
  ]);
});
