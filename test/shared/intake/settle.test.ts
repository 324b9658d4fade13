import { afterAll, beforeAll, expect, test } from "vitest";
import { settleRound } from "../../../functions/activities/settle-round.ts";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import { endOfRound } from "../../../shared/intake/pending-alerts.ts";
import { settleLeftovers } from "../../../shared/intake/settle.ts";
import type { Intake } from "../../../shared/intake/take-in.ts";
import type { Asking } from "../../../shared/playbook.ts";
import { AutomationRule } from "../../../shared/rules/automation-rule.ts";
import type { Services } from "../../../shared/services.ts";
import { MACHINE_ID } from "../../helpers/builders.ts";
import { intakeOf, roundOf, someFacts, wholeFacts } from "../../helpers/intake.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

/** Looks at the alerts of a round, as the run that waited for them does. */
const settle = (intake: Intake, round: string) =>
  settleRound.perform({ round }, intake as unknown as Services, { runId: "settle-1" } as Asking);

const about = (alertId: string) => ({ tenantId: "t-1", alertId });
const playbooksOf = (started: readonly { playbook: string }[]) => started.map(({ playbook }) => playbook);

test("a round starts the run of an alert that was completed by somebody who did not live to", async () => {
  const { intake, started } = intakeOf(azurite.connectionString, "completed");
  const [round = ""] = await intake.pending.add([about("da1_1"), about("da2_1")]);
  await intake.alerts.add(wholeFacts("da1_1"));
  await intake.alerts.add(someFacts("da2_1", { severity: "High" }));

  expect(await settle(intake, round)).toEqual({ complete: 1, incomplete: 1 });
  expect(playbooksOf(started).sort()).toEqual(["assess-alert", "contain-device"]);
  expect(await intake.pending.ofRound(round)).toEqual([]);
});

test("a round has machines read where a rule depends on them, without reading the alert, which is complete", async () => {
  const rules = [AutomationRule.parse({ name: "tagged", when: { tag: "vip" }, playbook: "contain-device" })];
  const { intake, started } = intakeOf(azurite.connectionString, "unread", { rules: () => rules });
  const [round = ""] = await intake.pending.add([about("da1_1")]);
  await intake.alerts.add(wholeFacts("da1_1"));

  await settle(intake, round);
  expect(started).toMatchObject([{ playbook: "assess-alert", input: { alertId: "da1_1", isComplete: true } }]);
});

test("a round keeps its alerts while one of them cannot be looked at, and has looked at all others", async () => {
  const { intake, started } = intakeOf(azurite.connectionString, "broken");
  const [round = ""] = await intake.pending.add([about("da1_1"), about("da2_1")]);
  await intake.alerts.add(wholeFacts("da2_1"));
  const get: Intake["alerts"]["get"] = (tenantId, alertId) =>
    alertId === "da1_1" ? Promise.reject(new Error("storage is down")) : intake.alerts.get(tenantId, alertId);

  await expect(settle({ ...intake, alerts: { ...intake.alerts, get } }, round)).rejects.toThrow("looked at again");
  expect(playbooksOf(started)).toEqual(["contain-device"]);
  expect(await intake.pending.ofRound(round)).toHaveLength(2);
});

test("alerts of a round that nobody scheduled, or whose run has failed, are looked at all the same, and once", async () => {
  const { intake, started } = intakeOf(azurite.connectionString, "leftover");
  const [round = ""] = await intake.pending.add([about("da1_1"), about("da2_1")]);
  const soon = new Date(endOfRound(round) + 60_000);
  const late = new Date(endOfRound(round) + 600_000);

  expect(await settleLeftovers(intake, soon)).toBe(0);
  expect(await settleLeftovers(intake, late)).toBe(2);
  expect(playbooksOf(started)).toEqual(["settle-alerts"]);
  const next = roundOf(started);
  expect(await intake.pending.ofRound(next)).toHaveLength(2);
  expect(await intake.pending.ofRound(round)).toEqual([]);
});

test("a round whose run still waits is left to it", async () => {
  const { takeIn, intake, started } = intakeOf(azurite.connectionString, "waits");
  await takeIn({ alerts: [someFacts("da1_1", { machineIds: [MACHINE_ID] })], rejected: [] });
  expect(playbooksOf(started)).toEqual(["settle-alerts"]);

  expect(await settleLeftovers(intake, new Date(Date.now() + 3_600_000))).toBe(0);
  expect(started).toHaveLength(1);
});
