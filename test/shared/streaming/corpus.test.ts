import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { alertSighting } from "../../../shared/streaming/alert-sighting.ts";
import { countTables } from "../../../shared/streaming/count-tables.ts";
import { decodeMessage } from "../../../shared/streaming/decode-message.ts";
import { instantOf } from "../../../shared/streaming/instant.ts";
import { sightingKey } from "../../../shared/streaming/sighting-key.ts";
import { targetMachine } from "../../../shared/streaming/target-machine.ts";
import { decoded, decodedAlerts, evidenceRows } from "../../helpers/stream.ts";

// Records of real tenants, collected from public repositories. They are not part of this project, so they may be absent.
const corpus = fileURLToPath(new URL("../../../../shared/fixtures/streaming/", import.meta.url));
const linesOf = (name: string) => readFileSync(`${corpus}${name}.ndjson`, "utf8").trimEnd().split("\n");

/** Each file, and how many records of each table its index lists. */
const files = {
  "sekoia-m365-defender": {
    AlertEvidence: 7,
    CloudAppEvents: 3,
    CloudAuditEvents: 1,
    DeviceEvents: 6,
    DeviceFileCertificateInfo: 1,
    DeviceFileEvents: 1,
    DeviceInfo: 1,
    DeviceLogonEvents: 2,
    DeviceNetworkEvents: 3,
    DeviceNetworkInfo: 1,
    DeviceProcessEvents: 2,
    DeviceRegistryEvents: 1,
    EmailAttachmentInfo: 1,
    EmailEvents: 2,
    EmailUrlInfo: 1,
    IdentityInfo: 1,
    IdentityLogonEvents: 2,
    IdentityQueryEvents: 1,
    MessageEvents: 1,
    UrlClickEvents: 1,
  },
  "graph2otel-live": {
    AlertEvidence: 2,
    AlertInfo: 1,
    BehaviorInfo: 1,
    CloudAppEvents: 1,
    DeviceFileEvents: 1,
    DeviceInfo: 1,
    DeviceLogonEvents: 1,
    DeviceProcessEvents: 1,
    EmailAttachmentInfo: 1,
    EmailEvents: 1,
    IdentityLogonEvents: 1,
    UrlClickEvents: 1,
  },
  "elastic-m365-event": { AlertEvidence: 1, AlertInfo: 1, EmailAttachmentInfo: 1, EmailEvents: 1 },
};

describe.skipIf(!existsSync(corpus))("records of real tenants", () => {
  describe.each(Object.entries(files))("in %s", (name, tables) => {
    test("are all read, and none is of an unknown table", () => {
      const counts = countTables(decoded(linesOf(name)));
      expect(Object.fromEntries([...counts.values()].flatMap((ofClass) => [...ofClass]))).toEqual(tables);
      expect(counts.has("unknown")).toBe(false);
    });

    test("are the same in every form of a body", () => {
      const lines = linesOf(name);
      const expected = { records: decoded(lines), rejected: [] };
      const wrapped = `{"records":[${lines.join()}]}`;
      const forms = [
        Buffer.from(wrapped),
        `\uFEFF${wrapped}`,
        Buffer.from(`\uFEFF${wrapped}`),
        JSON.stringify({ records: lines }),
        `[${lines.join()}]`,
        JSON.stringify(lines),
      ];
      for (const form of forms) expect(decodeMessage(form)).toEqual(expected);
      expect(lines.flatMap((line) => decodeMessage(line).records)).toEqual(expected.records);
    });

    test("keep every integer to its last digit", () => {
      for (const line of linesOf(name)) {
        const [record] = decoded([line]);
        const kept = JSON.stringify(record);
        // AdditionalFields is text inside text, where numbers stay as they are anyway.
        for (const [, digits] of line.matchAll(/"[A-Za-z]+":(-?\d{16,})[,}]/g)) expect(kept).toContain(`"${digits}"`);
      }
    });

    test("have timestamps that can be read", () => {
      const times = decodedAlerts(linesOf(name))
        .map(alertSighting)
        .flatMap((seen) => [seen.timestamp, seen.publishedAt]);
      expect(times.filter((time) => time === undefined || instantOf(time) === undefined)).toEqual([]);
    });

    test("have a key each", () => {
      const keys = decodedAlerts(linesOf(name)).map(sightingKey);
      expect(new Set(keys).size).toBe(keys.length);
    });
  });

  test("have a ReportId that a double would round, and keep it", () => {
    const deviceInfo = decoded(linesOf("graph2otel-live")).find(({ table }) => table === "DeviceInfo");
    expect(deviceInfo?.properties.ReportId).toBe("639199803770463703");
  });

  describe("the four rows of one alert, Machine, Process, User and Process,", () => {
    // Whoever made these rows anonymous wrote a machine id of 44 digits, which no machine has.
    const anonymous = "1".repeat(44);
    const machineId = "1".repeat(40);
    const rows = () => linesOf("sekoia-m365-defender").slice(4, 8);

    test("name no machine, as their id is none", () => {
      expect(rows().every((line) => line.includes(anonymous))).toBe(true);
      expect(targetMachine(evidenceRows(rows()))).toBeUndefined();
    });

    test("name one and the same impacted machine once their id has the right length", () => {
      const mended = rows().map((line) => line.replaceAll(anonymous, machineId));
      const machine = { id: machineId, name: "hostname.example.local", role: "Impacted" };
      expect(evidenceRows(mended).map((row) => targetMachine(row))).toEqual([
        { ...machine, from: "machine" },
        { ...machine, from: "entity" },
        { ...machine, from: "entity" },
        { ...machine, from: "entity" },
      ]);
      expect(targetMachine(evidenceRows(mended))).toEqual({ ...machine, from: "machine" });
    });
  });

  test("name the machine of a process by an id of 32 digits, behind a reference", () => {
    const [row] = evidenceRows(linesOf("sekoia-m365-defender").slice(1, 2));
    expect(row && targetMachine(row)).toEqual({
      id: "7e7a44995a4d4f09be53dce4fe9eb1db",
      name: "vm0242.example.org",
      role: "Impacted",
      from: "entity",
    });
  });

  test("that make up an alert about an identity agree on it and name no machine", () => {
    const sightings = decodedAlerts(linesOf("graph2otel-live")).map(alertSighting);
    expect(sightings.map(({ entityType }) => entityType)).toEqual(["Ip", "User", undefined]);
    for (const { alertId, severity, title, categories, machine } of sightings) {
      expect({ alertId, severity, title, categories, machine }).toEqual({
        alertId: "ad6450625369250ba3fc4b5752f34f474ec80b20ae",
        severity: "High",
        title: "Malicious IP address",
        categories: ["InitialAccess"],
        machine: undefined,
      });
    }
  });

  test("that are no records of the stream are rejected one by one, with a reason", () => {
    for (const name of ["otrf-hunting-rows", "elastic-mde-alerts-rest", "elastic-mde-machine-actions"]) {
      const lines = linesOf(name);
      const { records, rejected } = decodeMessage(`[${lines.join()}]`);
      expect(records).toEqual([]);
      expect(rejected.map(({ index }) => index)).toEqual(lines.map((_, index) => index));
      for (const { reason } of rejected)
        expect(reason).toMatch(/^The record is not one of Defender's: tenantId: .*; properties: /);
    }
  });
});
