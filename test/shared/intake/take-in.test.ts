import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import { MachineId } from "../../../shared/defender/machines/machine.ts";
import { createTakeIn, type Intake } from "../../../shared/intake/take-in.ts";
import { AutomationRule } from "../../../shared/rules/automation-rule.ts";
import { MACHINE_ID } from "../../helpers/builders.ts";
import {
  someFacts as facts,
  highRule,
  intakeOf as intakeIn,
  roundOf,
  wholeFacts as whole,
} from "../../helpers/intake.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());
afterEach(() => void vi.useRealTimers());

const OTHER_MACHINE = "ab".repeat(20);
const intakeOf = (name: string, changes: Partial<Intake> = {}) => intakeIn(azurite.connectionString, name, changes);

test("starts one containment for many alerts of a device, and links them all to it", async () => {
  const { takeIn, started, decisions } = intakeOf("many");
  const alerts = Array.from({ length: 120 }, (_, index) => whole(`da${index}_1`));

  expect(await takeIn({ alerts, rejected: [] })).toEqual({ started: 1, joined: 119, duplicates: 0 });
  expect(started).toMatchObject([{ playbook: "contain-device", input: { machineId: MACHINE_ID } }]);
  expect(await decisions.ofAlert("da99_1")).toContainEqual(
    expect.objectContaining({ machineId: MACHINE_ID, verdict: "run", runId: started[0]?.runId }),
  );
});

test("does nothing new when a batch is delivered again", async () => {
  const { takeIn, started } = intakeOf("again");
  const batch = { alerts: [whole("da1_1"), whole("da2_1")], rejected: [] };
  await takeIn(batch);

  expect(await takeIn(batch)).toEqual({ started: 0, joined: 1, duplicates: 1 });
  expect(started).toHaveLength(1);
});

test("puts an alert together from pieces that come in separate batches, in either order", async () => {
  const { takeIn, started } = intakeOf("pieces");
  const info = (id: string) => facts(id, { severity: "High" });
  const machine = (id: string, machineId: string) => facts(id, { machineIds: [machineId] });

  await takeIn({ alerts: [info("da1_1"), machine("da2_1", OTHER_MACHINE)], rejected: [] });
  expect(started.map(({ playbook }) => playbook)).toEqual(["settle-alerts"]);
  await takeIn({ alerts: [machine("da1_1", MACHINE_ID), info("da2_1")], rejected: [] });

  const contained = started.filter(({ playbook }) => playbook === "contain-device");
  expect(contained.map(({ input }) => (input as { machineId: string }).machineId).sort()).toEqual(
    [MACHINE_ID, OTHER_MACHINE].sort(),
  );
});

test("says that an incomplete alert is waited for, until it is known what came of it", async () => {
  const { takeIn, decisions } = intakeOf("waiting");
  await takeIn({ alerts: [facts("da1_1", { severity: "High" })], rejected: [] });
  expect(await decisions.ofAlert("da1_1")).toMatchObject([{ verdict: "waiting" }]);

  await takeIn({ alerts: [facts("da1_1", { machineIds: [MACHINE_ID] })], rejected: [] });
  expect((await decisions.ofAlert("da1_1")).map(({ verdict }) => verdict)).toEqual(["run", "run"]);
});

test("contains a further device that late evidence names, and the first one no second time", async () => {
  const { takeIn, started } = intakeOf("late");
  await takeIn({ alerts: [whole("da1_1")], rejected: [] });
  await takeIn({ alerts: [facts("da1_1", { machineIds: [OTHER_MACHINE] })], rejected: [] });

  expect(started.map(({ input }) => (input as { machineId: string }).machineId)).toEqual([MACHINE_ID, OTHER_MACHINE]);
});

test("carries out all else when the storage fails for one alert, and all of it when the batch comes again", async () => {
  const { takeIn, started, letters, intake } = intakeOf("failing");
  const broken = createTakeIn({
    ...intake,
    alerts: {
      ...intake.alerts,
      add: (one) => (one.alertId === "da1_1" ? Promise.reject(new Error("storage is down")) : intake.alerts.add(one)),
    },
  });
  const rejected = [{ source: "a/0/1", reasons: ["not JSON"], body: "x" }];
  const batch = { alerts: [whole("da1_1"), whole("da2_1", OTHER_MACHINE)], rejected };

  await expect(broken(batch)).rejects.toThrow("could not be taken in");
  expect(started).toHaveLength(1);
  expect(letters).toHaveLength(1);
  await takeIn(batch);
  expect(started).toHaveLength(2);
});

test("keeps pretended runs apart from those that act", async () => {
  const { takeIn, started } = intakeOf("shadow");
  await takeIn({ alerts: [whole("da1_1")], rejected: [] }, { mode: "shadow" });
  await takeIn({ alerts: [whole("da1_1")], rejected: [] });

  expect(started.map(({ mode }) => mode)).toEqual(["shadow", "act"]);
  expect(new Set(started.map(({ runId }) => runId)).size).toBe(2);
});

test("lets old alerts be, and says so", async () => {
  const { takeIn, started, decisions } = intakeOf("old");
  const old = { ...whole("da1_1"), publishedAt: "2020-01-05T08:00:00Z" };
  await takeIn({ alerts: [old], rejected: [] });

  expect(started).toEqual([]);
  expect(await decisions.ofAlert("da1_1")).toMatchObject([
    { verdict: "ignored", reason: expect.stringContaining("longer ago than is acted on") },
  ]);
});

test("starts nothing that people have snoozed, says who and why, and starts it when the snooze is over", async () => {
  const { takeIn, started, decisions, intake } = intakeOf("snoozed");
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const id = await intake.snoozes.set({
    machineId: MachineId.parse(MACHINE_ID),
    until,
    reason: "forensics at work",
    by: "ana@contoso.example",
  });
  const batch = { alerts: [whole("da1_1"), whole("da2_1", OTHER_MACHINE)], rejected: [] };
  await takeIn(batch);

  expect(started.map(({ input }) => (input as { machineId: string }).machineId)).toEqual([OTHER_MACHINE]);
  expect(await decisions.ofAlert("da1_1")).toContainEqual(
    expect.objectContaining({ verdict: "ignored", reason: expect.stringMatching(/ana@contoso.example .*forensics/) }),
  );
  await intake.snoozes.end(id);
  await takeIn(batch);
  expect(started).toHaveLength(2);
});

test("acts on no alert of a tenant that is not ours, and says so", async () => {
  const { takeIn, started, decisions } = intakeOf("tenants", { tenants: new Set(["t-2"]) });
  await takeIn({ alerts: [whole("da1_1"), { ...whole("da2_1"), tenantId: "T-2" }], rejected: [] });

  expect(started).toMatchObject([{ input: { tenantId: "T-2" } }]);
  expect(await decisions.ofAlert("da1_1")).toMatchObject([
    { verdict: "ignored", reason: "it is of tenant t-1, which this app does not act for: see ALERT_TENANTS" },
  ]);
});

test("has a machine read once where a rule depends on it, and decides by what was read lately", async () => {
  const rules = [AutomationRule.parse({ name: "tagged", when: { tag: "vip" }, playbook: "contain-device" })];
  const { takeIn, started, intake } = intakeOf("tagged", { rules: () => rules });
  await takeIn({ alerts: [whole("da1_1")], rejected: [] });
  expect(started).toMatchObject([{ playbook: "assess-alert", input: { alertId: "da1_1", isComplete: true } }]);

  await intake.knownMachines.keep("t-1", { id: MachineId.parse(MACHINE_ID), machineTags: ["VIP"] });
  await takeIn({ alerts: [whole("da2_1")], rejected: [] });
  expect(started[1]).toMatchObject({ playbook: "contain-device", input: { alertId: "da2_1" } });
});

test("an alert that asks for a full isolation does not join a selective one under way: a second run isolates fully", async () => {
  const rules = [
    AutomationRule.parse({
      ...{ name: "mild", when: { severity: ["Medium"] }, playbook: "contain-device" },
      with: { isolationType: "Selective" },
    }),
    highRule,
  ];
  const { takeIn, started } = intakeOf("stricter", { rules: () => rules });
  const medium = (alertId: string) => facts(alertId, { severity: "Medium", machineIds: [MACHINE_ID] });
  await takeIn({ alerts: [medium("da1_1"), medium("da2_1")], rejected: [] });

  expect(await takeIn({ alerts: [whole("da3_1")], rejected: [] })).toMatchObject({ started: 1 });
  expect(await takeIn({ alerts: [medium("da4_1"), whole("da5_1")], rejected: [] })).toMatchObject({ joined: 2 });
  expect(started.map(({ input }) => (input as { isolationType?: string }).isolationType)).toEqual([
    "Selective",
    undefined,
  ]);
});

test("of alerts that come together the one that asks for most opens the case, even if a milder one is worse", async () => {
  const rules = [
    AutomationRule.parse({
      ...{ name: "mild", when: { severity: ["High"] }, playbook: "contain-device" },
      with: { isolationType: "Selective" },
    }),
    AutomationRule.parse({ name: "low", when: { severity: ["Low"] }, playbook: "contain-device" }),
  ];
  const { takeIn, started } = intakeOf("together", { rules: () => rules });
  const low = facts("da2_1", { severity: "Low", machineIds: [MACHINE_ID] });
  await takeIn({ alerts: [whole("da1_1"), low], rejected: [] });

  expect(started).toMatchObject([{ input: { alertId: "da2_1" } }]);
});

test("looks at an alert again once more is known of it, and reads its machines again when that is long ago", async () => {
  const rules = [AutomationRule.parse({ name: "tagged", when: { tag: "vip" }, playbook: "contain-device" })];
  const { takeIn, started } = intakeOf("reassessed", { rules: () => rules });
  const publishedAt = "2026-01-05T09:00:00Z";
  const alert = { ...whole("da1_1"), publishedAt };
  vi.useFakeTimers({ toFake: ["Date"], now: new Date(publishedAt) });
  const bring = async (changes: object = {}) => {
    await takeIn({ alerts: [{ ...alert, ...changes }], rejected: [] });
    return started.length;
  };

  expect(await bring()).toBe(1);
  expect(await bring()).toBe(1);
  expect(await bring({ title: "Ransomware" })).toBe(2);
  vi.setSystemTime(new Date("2026-01-05T09:06:00Z"));
  expect(await bring({ title: "Ransomware" })).toBe(3);
  expect(started.map(({ playbook }) => playbook)).toEqual(Array(3).fill("assess-alert"));
});

test("starts at once what does not depend on machines that have to be read", async () => {
  const first = AutomationRule.parse({ ...highRule, when: { severity: ["High"], deviceGroup: "Office" } });
  const { takeIn, started, intake } = intakeOf("atonce", { rules: () => [first] });
  await intake.knownMachines.keep("t-1", { id: MachineId.parse(MACHINE_ID), rbacGroupName: "Office" });
  const both = facts("da1_1", { severity: "High", machineIds: [MACHINE_ID, OTHER_MACHINE] });

  expect(await takeIn({ alerts: [both], rejected: [] })).toMatchObject({ started: 1 });
  expect(started).toMatchObject([
    { playbook: "assess-alert" },
    { playbook: "contain-device", input: { machineId: MACHINE_ID } },
  ]);
});

test("an alert that is seen again when it is old keeps what was decided when it was young", async () => {
  const { takeIn, started, decisions } = intakeOf("passedby");
  await takeIn({ alerts: [whole("da1_1")], rejected: [] });
  const decided = await decisions.ofAlert("da1_1");
  await takeIn({ alerts: [whole("da1_1")], rejected: [] }, { oldest: new Date(Date.now() + 3_600_000) });

  expect(await decisions.ofAlert("da1_1")).toEqual(decided);
  expect(started).toHaveLength(1);
});

test("an incomplete alert that comes when its round was looked at already is looked at with the next one", async () => {
  const { started, intake } = intakeOf("slow");
  const { startOnce, stateOf } = intake.runs;
  let rounds = 0;
  const slow = createTakeIn({
    ...intake,
    runs: {
      ...intake.runs,
      startOnce: async (playbook, runId, input, options) =>
        playbook === "settle-alerts" && rounds++ === 0 ? "duplicate" : startOnce(playbook, runId, input, options),
      stateOf: async (runId) => (rounds === 1 ? "ended" : stateOf(runId)),
    },
  });
  await slow({ alerts: [facts("da1_1", { severity: "High" })], rejected: [] });

  expect(started).toHaveLength(1);
  const round = roundOf(started);
  expect(await intake.pending.ofRound(round)).toEqual([{ tenantId: "t-1", alertId: "da1_1" }]);
});
