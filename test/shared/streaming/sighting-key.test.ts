import { expect, test } from "vitest";
import { sightingKey } from "../../../shared/streaming/sighting-key.ts";
import { anAlertEvidence, anAlertInfo, decodedAlerts, type RawRecord, recordedLines } from "../../helpers/stream.ts";

const at = new Date("2026-03-09T14:21:08Z");
const keyOf = (record: RawRecord | string) => {
  const [read] = decodedAlerts([record] as object[] | string[]);
  if (read === undefined) throw new Error("not of an alert");
  return sightingKey(read);
};
const process = anAlertEvidence({ at, entityType: "Process" });
const withColumns = (changes: object): RawRecord => ({ ...process, properties: { ...process.properties, ...changes } });
const withFields = (changes: object) => {
  const fields = JSON.parse(process.properties.AdditionalFields as string) as object;
  return withColumns({ AdditionalFields: JSON.stringify({ ...fields, ...changes }) });
};

test("a record delivered twice has one key, though it is published at another time", () => {
  const again = { ...process, time: "2026-03-10T00:00:00Z", _TimeReceivedBySvc: "2026-03-10T00:00:00Z" };
  expect(keyOf(again)).toBe(keyOf(process));
});

test("the order of columns does not matter, nor whether an empty one is written", () => {
  const entries = Object.entries(process.properties).filter(([, value]) => value !== null);
  expect(keyOf({ ...process, properties: Object.fromEntries(entries.reverse()) })).toBe(keyOf(process));
});

test("the state of a clean-up does not matter", () => {
  expect(keyOf(withFields({ LastRemediationState: "Blocked", LastVerdict: "Malicious" }))).toBe(keyOf(process));
});

test("AdditionalFields as an object is the same as its text", () => {
  const AdditionalFields = JSON.parse(process.properties.AdditionalFields as string);
  expect(keyOf(withColumns({ AdditionalFields }))).toBe(keyOf(process));
});

test.each<[what: string, record: RawRecord]>([
  ["a severity that rose", withColumns({ Severity: "Low" })],
  ["another entity", anAlertEvidence({ at, entityType: "User" })],
  ["another entity of the same kind", withFields({ MergeByKeyHex: "00" })],
  ["another machine", anAlertEvidence({ at, entityType: "Process", machineId: "0".repeat(40) })],
  ["a machine no longer named", withFields({ Host: null, ImageFile: null })],
  ["another alert", anAlertEvidence({ at, entityType: "Process", alertId: "da1_1" })],
  ["another tenant", anAlertEvidence({ at, entityType: "Process", tenantId: "another" })],
  ["the other table", anAlertInfo({ at })],
])("%s has another key", (_, record) => {
  expect(keyOf(record)).not.toBe(keyOf(process));
});

test("without a stable key of the entity, all of AdditionalFields counts, readable or not", () => {
  const keys = ['{"a":1}', '{"a":2}', "{broken", "{broken too"].map((text) =>
    keyOf(withColumns({ AdditionalFields: text })),
  );
  expect(new Set(keys).size).toBe(4);
});

test("all records of one alert have different keys, fit for names and keys", () => {
  const keys = recordedLines("one-alert").map(keyOf);
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(key).toMatch(/^Alert(Info|Evidence)-[0-9a-f]{64}$/);
});
