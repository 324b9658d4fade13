import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runbooks } from "../../functions/playbooks/index.ts";
import { startVirtualApp, type VirtualApp } from "../../local/virtual-app.ts";
import { Policy } from "../../shared/policy/policy.ts";
import { withStart } from "../../shared/runs/run-input.ts";
import type { Services } from "../../shared/services.ts";
import { ALERT_ID, MACHINE_ID } from "../helpers/builders.ts";

const UNMANAGED_ID = "e".repeat(40);
const USER_ID = "0d2c1a3e-5f60-4b7c-8d9e-0f1a2b3c4d5e";
const SHA1 = "3395856ce81f2b7382dee72602f798b642f14140";
const onDevice = { machineId: MACHINE_ID, alertId: ALERT_ID };

/** What each runbook is started with, and the activities it would have done most with. */
const pretended: Record<string, { input: object; would: string[] }> = {
  "block-file": { input: { alertId: ALERT_ID, hash: SHA1 }, would: ["submitIndicator", "stopAndQuarantineFile"] },
  "block-network-indicator": { input: { alertId: ALERT_ID, value: "evil.example" }, would: ["submitIndicator"] },
  "close-false-positive": {
    input: { alertId: ALERT_ID, by: "ada", reason: "our own scanner" },
    would: ["recordVerdict", "setAlertVerdict"],
  },
  "collect-evidence": { input: onDevice, would: ["collectInvestigationPackage", "storePackage"] },
  "contain-device": { input: { ...onDevice, joinMinutes: 0 }, would: ["isolateMachine"] },
  "contain-unmanaged-device": { input: { machineId: UNMANAGED_ID }, would: ["containUnmanagedMachine"] },
  "disable-compromised-user-sessions": { input: { alertId: ALERT_ID }, would: ["revokeSignInSessions"] },
  "enrich-alert": { input: { alertId: ALERT_ID }, would: ["openTicket", "updateAlert"] },
  "live-response-script": { input: { ...onDevice, scriptName: "triage.ps1" }, would: ["runLiveResponseScript"] },
  "phishing-triage": { input: { alertId: ALERT_ID }, would: ["openTicket", "commentOnGraphAlert"] },
  "quarantine-file": { input: { ...onDevice, hash: SHA1 }, would: ["stopAndQuarantineFile"] },
  "ransomware-outbreak": {
    input: { alertId: ALERT_ID, machineIds: [MACHINE_ID], sha256: "ab".repeat(32), blockFile: true },
    would: ["startBlockFile", "startContainments"],
  },
  "remove-app-restriction": { input: onDevice, would: ["unrestrictCodeExecution"] },
  "restrict-app-execution": { input: onDevice, would: ["restrictCodeExecution"] },
  "run-antivirus-scan": { input: onDevice, would: ["runAntiVirusScan"] },
};

const refusing = (what: string) => () => Promise.reject(new Error(`a pretended run has used ${what}`));
/** Every store that a pretended run must leave alone. */
const untouched = {
  tickets: { open: refusing("tickets"), addNote: refusing("tickets"), get: refusing("tickets") },
  evidence: { find: refusing("evidence"), store: refusing("evidence") },
  cases: { join: refusing("cases"), alertsOf: async () => [], close: async () => ({ isClosed: true }) },
  decisions: { ofAlert: async () => [] },
  policy: () => Policy.parse({ users: { others: "allow" } }),
} as unknown as Partial<Services>;

let app: VirtualApp;
beforeAll(async () => {
  app = await startVirtualApp(runbooks, { services: untouched });
  await app.simulator.addMachines([{ id: MACHINE_ID }, { id: UNMANAGED_ID, onboardingStatus: "Unsupported" }]);
  await app.simulator.putRows("graphUsers", [{ id: USER_ID, userPrincipalName: "ana@contoso.example" }]);
  const evidence = [
    { entityType: "File", sha1: SHA1, fileName: "invoice.exe" },
    { entityType: "User", aadUserId: USER_ID },
    { entityType: "MailMessage", networkMessageId: "3a5f4d61-8293-4eaf-b0c1-3c4d5e6f7081" },
  ];
  await app.simulator.addAlert({ id: ALERT_ID, machineId: MACHINE_ID, evidence });
});
afterAll(() => app[Symbol.asyncDispose]());

test("every runbook is pretended here", () => {
  expect(Object.keys(pretended).sort()).toEqual(runbooks.map(({ name }) => name).sort());
});

describe.each(Object.entries(pretended))("%s", (name, { input, would }) => {
  test("in shadow reads, changes nothing, and leaves on record what it would have done", async () => {
    const before = { calls: (await app.simulator.journal()).length, records: app.audit.length };
    const { client } = app;
    const instanceId = await client.startNew(name, {
      input: withStart({ tenantId: "t-1", ...input }, { mode: "shadow" }),
    });
    const status = () => client.getStatus(instanceId);
    await app.passTime(
      async () => !["Pending", "Running"].includes((await status()).runtimeStatus as string),
      86_400_000,
    );

    const calls = (await app.simulator.journal()).slice(before.calls);
    const changes = calls.filter(({ method, path }) => method !== "GET" && !path.endsWith("/runHuntingQuery"));
    expect(changes.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
    const events = app.audit.slice(before.records).map(({ activity, event }) => `${activity} ${event}`);
    expect(events).toEqual(expect.arrayContaining(would.map((activity) => `${activity} would-have`)));
    expect(new Set(events.map((words) => words.split(" ")[1]))).toEqual(new Set(["would-have"]));
    const { runtimeStatus, customStatus } = await status();
    expect(runtimeStatus).toBe("Completed");
    expect((customStatus as { progress: string }).progress).toMatch(/^Shadow, nothing is done: /);
  });
});
