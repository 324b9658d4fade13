import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Alert } from "../../../shared/defender/alerts/alert.ts";
import { mergeFacts } from "../../../shared/intake/alert-facts.ts";
import { factsOfAlert } from "../../../shared/intake/facts-of-alert.ts";
import { readAlerts } from "../../../shared/intake/read-alerts.ts";
import { ALERT_ID, anAlert, MACHINE_ID } from "../../helpers/builders.ts";
import { aMessage, anAlertEvidence, aWholeAlert } from "../../helpers/stream.ts";

const TENANT = "6b7c1f0e-52d4-4c39-9a4e-8f0d2f6f4c11";
const streamed = (...records: object[]) => readAlerts([aMessage(records)], { sources: ["a/0/1"] }).alerts;

test("says all that the API says of an alert", () => {
  const facts = factsOfAlert(
    anAlert({
      incidentId: 1126093,
      category: "Execution",
      detectionSource: "WindowsDefenderAtp",
      mitreTechniques: ["T1220", "T1064"],
      relatedUser: { userName: "jane", domainName: "CONTOSO" },
      evidence: [
        { entityType: "User", userPrincipalName: "jane@contoso.example", domainName: "CONTOSO", accountName: "jane" },
        { entityType: "Process", fileName: "rundll32.exe" },
      ],
      alertCreationTime: "2026-01-05T08:59:59.1234567Z",
      lastUpdateTime: "2026-01-09T08:00:00Z",
    }),
    TENANT,
  );

  expect(facts).toEqual({
    tenantId: TENANT,
    alertId: ALERT_ID,
    title: "Hands-on keyboard attack",
    severity: "High",
    categories: ["Execution"],
    serviceSource: "Microsoft Defender for Endpoint",
    detectionSource: "EDR",
    techniques: ["T1064", "T1220"],
    users: ["CONTOSO\\jane", "jane@contoso.example"],
    incidentId: "1126093",
    machineIds: [MACHINE_ID],
    impactedMachineIds: [],
    relatedMachineIds: [],
    namedMachineIds: [MACHINE_ID],
    publishedAt: "2026-01-05T08:59:59.1234567Z",
  });
});

test("agrees with the stream about the same alert", () => {
  const [fromStream] = streamed(...aWholeAlert({ alertId: ALERT_ID, machineId: MACHINE_ID, severity: "High" }));
  const { tenantId, alertId, severity, serviceSource, detectionSource, machineIds } = fromStream ?? ({} as never);

  expect(factsOfAlert(anAlert({ detectionSource: "WindowsDefenderAtp" }), tenantId.toUpperCase())).toMatchObject({
    tenantId,
    alertId,
    severity,
    serviceSource,
    detectionSource,
    machineIds,
  });
});

test("spares the alert's machine where streamed evidence calls it related, whichever came first", () => {
  const related = streamed(anAlertEvidence({ alertId: ALERT_ID, machineId: MACHINE_ID, role: "Related" }));
  const read = factsOfAlert(anAlert(), related[0]?.tenantId ?? "");

  for (const all of [
    [...related, read],
    [read, ...related],
  ]) {
    expect(mergeFacts(all)).toMatchObject([{ machineIds: [], relatedMachineIds: [MACHINE_ID] }]);
  }
});

test.each(["fin-laptop-07", MACHINE_ID.slice(1), `${MACHINE_ID}/isolate`, "", null])(
  "names no machine for %j, which is no machine's id",
  (machineId) => {
    expect(factsOfAlert(anAlert({ machineId }), TENANT).machineIds).toEqual([]);
  },
);

test("knows nothing of what the API leaves open", () => {
  const open = { severity: "UnSpecified", title: null, machineId: null, mitreTechniques: null };
  const facts = factsOfAlert(anAlert({ ...open, evidence: [{ accountName: "" }], detectionSource: "Unknown" }), TENANT);

  expect(facts).toMatchObject({ categories: [], techniques: [], users: [], machineIds: [] });
  for (const unknown of [facts.severity, facts.title, facts.detectionSource, facts.incidentId, facts.publishedAt]) {
    expect(unknown).toBeUndefined();
  }
});

test("names the product of Defender for Endpoint's own alerts only", () => {
  const productOf = (id: string) => factsOfAlert(anAlert({ id }), TENANT).serviceSource;

  expect(["da1_1", "ed1_1", "637472900382838869_1"].map(productOf)).toEqual(
    Array(3).fill("Microsoft Defender for Endpoint"),
  );
  expect(["fa1", "ad1"].map(productOf)).toEqual([undefined, undefined]);
});

test("is refused for an id that could not be part of an address", () => {
  expect(() => factsOfAlert(anAlert({ id: "../machines" }), TENANT)).toThrow("an alert id has letters");
});

const fixtures = new URL("../../../../shared/fixtures/", import.meta.url);
const fixture = (name: string) => JSON.parse(readFileSync(new URL(name, fixtures), "utf8"));

describe.runIf(existsSync(fixtures))("of Microsoft's samples", () => {
  test("says machine, techniques and users", () => {
    expect(factsOfAlert(Alert.parse(fixture("defender/alert.get.response.json")), TENANT)).toMatchObject({
      alertId: "da637472900382838869_1364969609",
      severity: "Low",
      detectionSource: "EDR",
      categories: ["Execution"],
      techniques: ["T1064", "T1085", "T1220"],
      users: ["DOMAIN\\temp123", "temp123@microsoft.com"],
      incidentId: "1126093",
      machineIds: ["111e6dd8c833c8a052ea231ec1b19adaf497b625"],
    });
  });

  test("can be told for every alert of a list", () => {
    for (const name of ["defender/alerts.list.response.json", "streaming/elastic-mde-alerts-list-response.json"]) {
      const facts = fixture(name).value.map((alert: object) => factsOfAlert(Alert.parse(alert), TENANT));
      expect(facts).not.toEqual([]);
      for (const { severity, categories } of facts)
        expect([severity, categories.length]).toEqual([expect.any(String), 1]);
    }
  });
});
