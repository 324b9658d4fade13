import { startPoll } from "../../functions/triggers/alert-poll.ts";
import { turnedOn } from "../../shared/policy/kill-switch.ts";
import { killSwitchRunId } from "../../shared/runs/run-id.ts";
import { ALERT_ID, MACHINE_ID } from "../helpers/builders.ts";
import { HOUR_MS, RUN_ID, type World } from "./world.ts";

/** What a playbook goes through, worth remembering: the first of its runs is recorded. */
export interface Story {
  playbook: string;
  story: string;
  tell(world: World): Promise<void>;
}

const onDevice = { machineId: MACHINE_ID, alertId: ALERT_ID };
const alone = { ...onDevice, joinMinutes: 0 };
const SHA1 = "3395856ce81f2b7382dee72602f798b642f14140";
const SHA256 = "ab".repeat(32);
const USER_ID = "0d2c1a3e-5f60-4b7c-8d9e-0f1a2b3c4d5e";
const OTHER_ALERT_ID = `${ALERT_ID}2`;
const OTHER_RUN_ID = `run-${"2".padStart(40, "0")}`;

async function run(world: World, playbook: string, input: object, runId = RUN_ID): Promise<void> {
  await world.start(playbook, input, runId);
  await world.ended(runId);
}

/** A run of one playbook to its end, with nothing in its way. */
const plain = (playbook: string, input: object, prepare: (world: World) => Promise<void> = async () => {}): Story => ({
  ...{ playbook, story: "done" },
  async tell(world) {
    await prepare(world);
    await run(world, playbook, input);
  },
});

/** The device and another one have shown a bad file. */
async function showFile({ simulator }: World): Promise<void> {
  const otherMachineId = "ab".repeat(20);
  const evidence = [{ entityType: "File", sha1: SHA1, fileName: "invoice.exe" }];
  await simulator.addMachine({ id: otherMachineId });
  await simulator.addAlerts([
    { id: ALERT_ID, machineId: MACHINE_ID, incidentId: 7, evidence },
    { id: OTHER_ALERT_ID, machineId: otherMachineId, incidentId: 7, evidence },
  ]);
}

/** An alert that comes in pieces: how severe it is stands in Defender only. */
async function takeInIncompleteAlert(world: World): Promise<void> {
  world.useRule({ when: { severity: "High" }, playbook: "contain-device", with: { joinMinutes: 0 } });
  await world.takeIn({});
  await world.until(async () => {
    const [contained] = await world.runsOf("contain-device");
    return contained !== undefined && (await world.statusOf(contained)) === "Completed";
  });
}

export const stories: Story[] = [
  {
    ...{ playbook: "contain-device", story: "isolated" },
    tell: (world) => run(world, "contain-device", alone),
  },
  {
    ...{ playbook: "contain-device", story: "queued" },
    async tell(world) {
      await world.simulator.setOffline(MACHINE_ID);
      await world.start("contain-device", { ...alone, leaseHours: 5 });
      await world.pass(5 * HOUR_MS);
      await world.simulator.setOffline(MACHINE_ID, false);
      await world.ended();
    },
  },
  {
    ...{ playbook: "contain-device", story: "denied" },
    async tell(world) {
      await world.simulator.addMachine({ id: MACHINE_ID, machineTags: ["vip"] });
      world.usePolicy({ criticalAssets: { tags: ["vip"] } });
      await run(world, "contain-device", alone);
    },
  },
  {
    ...{ playbook: "contain-device", story: "asked" },
    async tell(world) {
      await world.simulator.addMachine({ id: MACHINE_ID, machineTags: ["vip"] });
      const approvals = { approvers: [{ id: "ada@contoso.example" }], remindAfterMinutes: 20, atExpiry: "approve" };
      world.usePolicy({ criticalAssets: { tags: ["vip"], containment: "ask" }, approvals });
      await run(world, "contain-device", alone);
    },
  },
  {
    ...{ playbook: "contain-device", story: "joined" },
    async tell(world) {
      world.useRule({ when: { severity: "High" }, playbook: "contain-device", with: { leaseHours: 5 } });
      await world.simulator.addAlert({ id: OTHER_ALERT_ID, machineId: MACHINE_ID });
      await world.takeIn({ severity: "High" });
      await world.pass(HOUR_MS / 10);
      await world.takeIn({ severity: "High", alertId: OTHER_ALERT_ID });
      await world.until(async () => {
        const [first] = await world.runsOf("contain-device");
        return first !== undefined && (await world.statusOf(first)) === "Completed";
      });
    },
  },
  { ...{ playbook: "assess-alert", story: "read" }, tell: takeInIncompleteAlert },
  { ...{ playbook: "settle-alerts", story: "incomplete" }, tell: takeInIncompleteAlert },
  {
    ...{ playbook: "assess-alert", story: "machines" },
    async tell(world) {
      world.useRule({ when: { tag: "vip" }, playbook: "contain-device" });
      await world.takeIn({ severity: "High" });
      await world.pass(HOUR_MS);
    },
  },
  {
    ...{ playbook: "hold-isolation", story: "released" },
    async tell(world) {
      await run(world, "contain-device", { ...alone, leaseHours: 30 });
      const [held = ""] = await world.runsOf("hold-isolation");
      await world.ended(held);
    },
  },
  {
    ...{ playbook: "release-device", story: "released" },
    async tell(world) {
      await run(world, "contain-device", alone);
      await run(world, "release-device", { ...onDevice, reason: "clean", ofRun: RUN_ID }, OTHER_RUN_ID);
    },
  },
  {
    ...{ playbook: "undo-run", story: "undone" },
    async tell(world) {
      await run(world, "contain-device", { ...alone, leaseHours: 30 });
      await run(world, "undo-run", { runId: RUN_ID }, OTHER_RUN_ID);
    },
  },
  {
    ...{ playbook: "cancel-pending-containments", story: "cancelled" },
    async tell(world) {
      await world.simulator.setOffline(MACHINE_ID);
      await world.start("contain-device", alone);
      await world.pass(HOUR_MS / 10);
      const at = world.clock.now().toISOString();
      const runId = killSwitchRunId("t-1", at);
      const turning = { by: "ada", reason: "wrong rule", at };
      await world.services.policyState.changeKillSwitch((now) => turnedOn(now, turning, runId));
      await run(world, "cancel-pending-containments", {}, runId);
    },
  },
  {
    ...{ playbook: "poll-alerts", story: "polled" },
    async tell(world) {
      const now = world.clock.now().getTime();
      const { pollMark } = world.services;
      await startPoll(world.client, { pollMark, tenantId: "t-1" }, { overlapMinutes: 10, maxAgeMs: HOUR_MS }, now);
      await world.ended("poll-alerts:t-1");
    },
  },
  {
    ...{ playbook: "close-false-positive", story: "done" },
    async tell(world) {
      world.useRule({ when: { severity: "High" }, playbook: "contain-device" });
      await world.takeIn({ severity: "High" });
      await world.pass(HOUR_MS / 30);
      await run(world, "close-false-positive", { alertId: ALERT_ID, by: "ada", reason: "our own scanner" });
    },
  },
  plain("replay-alerts", { from: "2026-01-05T08:00:00Z", to: "2026-01-05T10:00:00Z" }),
  plain(
    "ransomware-outbreak",
    { alertId: ALERT_ID, machineIds: [MACHINE_ID], sha256: SHA256, blockFile: true },
    (world) => world.simulator.addHuntingAnswer({ contains: SHA256, rows: [{ DeviceId: MACHINE_ID }] }),
  ),
  plain("quarantine-file", { ...onDevice, hash: SHA1 }),
  plain("block-file", { alertId: ALERT_ID, hash: SHA1 }, showFile),
  plain("block-network-indicator", { alertId: ALERT_ID, value: "bad.example" }),
  plain("collect-evidence", { ...onDevice, files: ["C:\\Windows\\Temp\\dump.zip"] }),
  plain("enrich-alert", { alertId: ALERT_ID }, showFile),
  plain("restrict-app-execution", onDevice),
  plain("run-antivirus-scan", onDevice),
  {
    ...{ playbook: "run-antivirus-scan", story: "queued" },
    async tell(world) {
      await world.simulator.setOffline(MACHINE_ID);
      await world.start("run-antivirus-scan", onDevice);
      await world.pass(5 * HOUR_MS);
      await world.simulator.setOffline(MACHINE_ID, false);
      await world.ended();
    },
  },
  plain("contain-unmanaged-device", onDevice, async ({ simulator }) => {
    await simulator.addMachine({ id: MACHINE_ID, onboardingStatus: "CanBeOnboarded" });
  }),
  {
    ...{ playbook: "disable-compromised-user-sessions", story: "asked" },
    async tell(world) {
      await world.simulator.putRows("graphUsers", [{ id: USER_ID, userPrincipalName: "ana@contoso.example" }]);
      const evidence = [{ entityType: "User", aadUserId: USER_ID, userPrincipalName: "ana@contoso.example" }];
      await world.simulator.addAlert({ id: ALERT_ID, incidentId: 7, evidence });
      world.usePolicy({ approvals: { approvers: [{ id: "ada@contoso.example" }], atExpiry: "approve" } });
      await run(world, "disable-compromised-user-sessions", { alertId: ALERT_ID });
    },
  },
  plain("phishing-triage", { alertId: ALERT_ID }, async ({ simulator }) => {
    const networkMessageId = "3a5f4d61-8293-4eaf-b0c1-3c4d5e6f7081";
    await simulator.addAlert({
      id: ALERT_ID,
      incidentId: 7,
      evidence: [{ entityType: "MailMessage", networkMessageId }],
    });
    const file = { SHA256: "ab".repeat(32), FileName: "invoice.exe" };
    await simulator.addHuntingAnswer({ contains: "distinct SHA256", rows: [file] });
  }),
  plain("remove-app-restriction", onDevice, (world) => run(world, "restrict-app-execution", onDevice, OTHER_RUN_ID)),
  plain("live-response-script", { ...onDevice, scriptName: "triage.ps1" }, (world) =>
    world.simulator.putRows("libraryFiles", [{ fileName: "triage.ps1", description: "", hasParameters: false }]),
  ),
];
