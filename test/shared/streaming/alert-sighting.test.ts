import { describe, expect, test } from "vitest";
import { alertSighting } from "../../../shared/streaming/alert-sighting.ts";
import { type AlertEvidenceFields, anAlertEvidence, decodedAlerts, recordedLines } from "../../helpers/stream.ts";

const seen = (lines: readonly object[] | readonly string[]) => decodedAlerts(lines).map(alertSighting);
const seenWith = (columns: AlertEvidenceFields["columns"] = {}) => seen([anAlertEvidence({ columns })])[0];

describe("a sighting", () => {
  const [info, machine, , , , address] = seen(recordedLines("one-alert"));
  const said = {
    tenantId: "6b7c1f0e-52d4-4c39-9a4e-8f0d2f6f4c11",
    alertId: "da639030437162236631_-1182690713",
    severity: "High",
    title: "Suspicious PowerShell command line",
    categories: ["Execution"],
    serviceSource: "Microsoft Defender for Endpoint",
    detectionSource: "EDR",
    attackTechniques: ["T1059", "T1059.001"],
    timestamp: "2026-03-09T14:21:08.4120000Z",
    publishedAt: "2026-03-09T14:22:31.6550000Z",
  };

  test("of AlertInfo says what the alert is", () => {
    expect(info).toEqual({ ...said, table: "AlertInfo" });
  });

  test("of AlertEvidence also says which machine was hit", () => {
    expect(machine).toEqual({
      ...said,
      table: "AlertEvidence",
      entityType: "Machine",
      machine: {
        id: "9c3f5a2e7d1b4860c2e9f7a1b3d5e8046f2a7c91",
        name: "fin-laptop-07.contoso.example",
        role: "Impacted",
        from: "machine",
      },
    });
  });

  test("names no machine where there is none", () => {
    expect(address).toEqual({ ...said, table: "AlertEvidence", entityType: "Ip" });
  });

  test("says of an older record only what is there", () => {
    const [, file] = seen(recordedLines("older-alert"));
    expect(file).toEqual({
      tenantId: said.tenantId,
      alertId: "da637994501118204467_-310552874",
      table: "AlertEvidence",
      categories: [],
      serviceSource: "Microsoft Defender for Endpoint",
      attackTechniques: [],
      machine: {
        id: "2d60b1f7c9a84e53a1d0c47be6f5932871a0ce4d",
        name: "hr-desktop-02",
        role: "Related",
        from: "entity",
      },
      account: { domain: "CONTOSO", account: "lee" },
      entityType: "File",
      timestamp: "2022-09-21T06:55:10.7720018Z",
      publishedAt: "2022-09-21T06:56:41.0331847Z",
    });
  });

  test("spells severities as the stream does and keeps those it does not know", () => {
    expect([seenWith({ Severity: "HIGH" })?.severity, seenWith({ Severity: "Critical" })?.severity]).toEqual([
      "High",
      "Critical",
    ]);
  });

  test("has each technique once, by id", () => {
    const AttackTechniques = JSON.stringify([
      "PowerShell (T1059.001)",
      "T1057",
      "PowerShell (T1059.001)",
      "T12345 T999",
    ]);
    expect(seenWith({ AttackTechniques })?.attackTechniques).toEqual(["T1059.001", "T1057"]);
  });
});

describe("what an attacker can write into an alert", () => {
  test("is one printable line", () => {
    const Title = "Alert\u0000\r\n2026-01-01 forged \u001b[31mline\u202Etxt\u2028end\ud800";
    expect(seenWith({ Title })?.title).toBe("Alert 2026-01-01 forged  [31mline txt end\ufffd");
  });

  test("is cut, and says so", () => {
    const sighting = seenWith({ Title: "a".repeat(400_000), DeviceName: "b".repeat(100_000) });
    expect(sighting?.title).toBe(`${"a".repeat(511)}…`);
    expect(sighting?.machine?.name).toBe(`${"b".repeat(254)}…`);
  });

  test("is short in all, so that histories stay small", () => {
    const long = "T1059.001 ".repeat(2_000);
    const many = JSON.stringify(Array.from({ length: 9_000 }, (_, index) => `T${1000 + index} ${index}`));
    const columns = {
      Title: long,
      Severity: long,
      EntityType: long,
      ServiceSource: long,
      DetectionSource: long,
      Timestamp: long,
    };
    const sighting = seenWith({ ...columns, Categories: many, AttackTechniques: many, DeviceName: long });
    expect(JSON.stringify(sighting).length).toBeLessThan(4_000);
  });

  test("is absent when nothing printable is left of it", () => {
    expect(seenWith({ Title: "\u0000\u0001 \u202E" })).not.toHaveProperty("title");
  });

  test("keeps letters of any script, and what markup it holds for whoever shows it to escape", () => {
    const Title = "Подозрительный <b>запуск</b> 疑わしい 🚨";
    expect(seenWith({ Title })?.title).toBe(Title);
  });
});
