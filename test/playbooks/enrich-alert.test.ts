import { expect, test } from "vitest";
import { enrichAlert } from "../../functions/playbooks/enrich-alert.ts";
import { PermanentError } from "../../shared/errors.ts";
import { ALERT_ID, aMachine, anAlert, MACHINE_ID } from "../helpers/builders.ts";
import { play, type Script, startedAt } from "../helpers/play.ts";
import { texts } from "../helpers/told.ts";

const SHA1 = "3395856ce81f2b7382dee72602f798b642f14140";
const alert = anAlert({
  category: "Execution",
  severity: "Medium",
  firstEventTime: "2026-01-05T08:00:00.1234567Z",
  lastEventTime: "2026-01-05T08:10:00Z",
});

const script: Script = {
  getAlert: () => alert,
  getAlertEvidence: () => ({
    rows: [
      { entityType: "File", sha1: SHA1, fileName: "invoice.exe" },
      { entityType: "Ip", ipAddress: "203.0.113.7" },
      { entityType: "Url", url: "https://evil.example/drop" },
      { entityType: "User", accountName: "ana" },
    ],
    hasMore: false,
  }),
  getMachine: () => aMachine({ exposureLevel: "Low", deviceValue: "High" }),
  listLoggedOnUsers: () => [{ id: "contoso\\ana", accountName: "ana" }],
  listMachineAlerts: () => ({
    rows: [anAlert(), anAlert({ id: "da2_1", title: "Suspicious logon", severity: "Low" })],
    hasMore: false,
  }),
  getFileStatistics: () => ({ sha1: SHA1, organizationPrevalence: 3, globallyPrevalence: 12 }),
  listFileAlerts: () => ({ rows: [anAlert()], hasMore: false }),
  getIpStatistics: () => ({ organizationPrevalence: 2 }),
  getDomainStatistics: () => ({ organizationPrevalence: 1 }),
  runHuntingQuery: () => ({ columns: [], rows: [{ DeviceName: "dc-01", Connections: 4 }], hasMore: false }),
  openTicket: () => ({ id: "SEC-1" }),
  addTicketNote: () => ({ id: "SEC-1" }),
  updateAlert: () => ({ written: true }),
};
const enrich = (changes: Script = {}, parameters = {}) =>
  play(enrichAlert, { alertId: ALERT_ID, ...parameters }, { ...script, ...changes });
const refusing = (code: string, reason: string) => () => {
  throw new PermanentError(code, reason);
};

test("writes on ticket and alert what is known around an alert", () => {
  const { result, steps } = enrich();
  expect(result.lines).toEqual([
    "Device: fin-laptop-07.contoso.example, Windows11, risk High, exposure Low, value High, tags finance.",
    "Users: ana.",
    "Other alerts of the device: 1, newest first: Low Suspicious logon.",
    `File invoice.exe (${SHA1}): on 3 device(s) here, on 12 everywhere.`,
    "Other alerts of invoice.exe: 0.",
    "203.0.113.7: seen by 2 device(s) here.",
    "evil.example: seen by 1 device(s) here.",
    "Programs that ran on the device within an hour of the alert, the rarest first: DeviceName dc-01, Connections 4.",
    "Other devices that talked to the same addresses: DeviceName dc-01, Connections 4.",
    "Other devices that the accounts logged on to: DeviceName dc-01, Connections 4.",
  ]);
  const written = `10 findings around the alert:\n${result.lines.join("\n")}\n Ticket SEC-1.`;
  expect(texts(steps, "addTicketNote")).toEqual([written]);
  expect(texts(steps, "updateAlert")).toEqual([written]);
  expect(steps.find(({ name }) => name === "openTicket")?.input).toMatchObject({ severity: "Medium" });
});

test("hunts around the time of the alert", () => {
  const programs = enrich().steps.find(({ name }) => name === "runHuntingQuery");
  const span = "between (datetime(2026-01-05T07:00:00.123Z) .. datetime(2026-01-05T09:10:00.000Z))";
  expect(programs?.input).toMatchObject({
    query: expect.stringContaining(`Timestamp ${span} and DeviceId == "${MACHINE_ID}"`),
  });
});

test("says what could not be read, and goes on with the rest", () => {
  const down = refusing("Unavailable", "Defender is down");
  const { result } = enrich({
    getMachine: down,
    getIpStatistics: down,
    runHuntingQuery: refusing("Forbidden", "no plan 2"),
  });
  expect(result.lines).toContain("Device: could not be read (Defender is down).");
  expect(result.lines).toContain("203.0.113.7: could not be read (Defender is down).");
  expect(result.lines.at(-1)).toBe("Other devices that the accounts logged on to: could not be read (no plan 2).");
  expect(result.lines).toContain("Users: ana.");
});

test("says so where the evidence cannot be read, and looks up none of it", () => {
  const { result, steps } = enrich({ getAlertEvidence: refusing("Forbidden", "no right to alerts") });
  expect(result.lines[0]).toBe("Evidence: could not be read (no right to alerts).");
  expect(steps.map(({ name }) => name)).not.toContain("getFileStatistics");
});

test("looks up no more files and addresses than it was told to", () => {
  const { steps } = enrich({}, { mostObservables: 0 });
  expect(steps.map(({ name }) => name)).not.toContain("getIpStatistics");
});

test("waits a little for an alert that Defender does not show yet", () => {
  const late = enrich({ getAlert: (_, times) => (times < 2 ? null : alert) });
  expect(late.result.outcome).toBe("done");
  expect(late.endedAt.getTime() - startedAt.getTime()).toBe(15_000);
});

test("ends as failed where Defender never shows the alert", () => {
  expect(() => enrich({ getAlert: () => null })).toThrow(`Defender does not show alert ${ALERT_ID}`);
});

test("an alert without a device is told about its files and addresses", () => {
  const { result, steps } = enrich({ getAlert: () => ({ ...alert, machineId: null }) });
  expect(result.lines[0]).toBe("Device: the alert names none.");
  expect(result.lines).toContain("evil.example: seen by 1 device(s) here.");
  expect(steps.map(({ name }) => name)).not.toContain("runHuntingQuery");
});

test("writes on the alert while the ticket system is down", () => {
  const down = refusing("Unavailable", "the ticket system is down");
  const { result, steps } = enrich({ openTicket: down, addTicketNote: down });
  expect(result.ticketId).toBeUndefined();
  expect(texts(steps, "updateAlert")[0]).toContain("No ticket could be opened.");
});
