import { afterEach, beforeEach, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../local/azurite.ts";
import type { Policy } from "../../shared/policy/policy.ts";
import { AutomationRule } from "../../shared/rules/automation-rule.ts";
import { ALERT_ID, MACHINE_ID } from "../helpers/builders.ts";
import { startWorld, type World } from "../histories/world.ts";

let azurite: Azurite;
beforeEach(async () => {
  azurite = await startAzurite();
});
afterEach(() => azurite.stop());

const SECOND_ID = "da2222222222_1";
const MINUTE_MS = 60_000;

const containing = (name: string, severity: string, changes: object = {}) =>
  AutomationRule.parse({ name, when: { severity: [severity] }, playbook: "contain-device", ...changes });

/** What was written on an alert, alone or with others. */
async function commentsOn({ simulator }: World, alertId: string): Promise<string[]> {
  const comments = (await simulator.journal()).flatMap(({ method, path, body }) => {
    const { alertIds, comment } = (body ?? {}) as { alertIds?: string[]; comment?: string };
    const isAbout = path.endsWith(`/alerts/${alertId}`) || alertIds?.includes(alertId);
    return method !== "GET" && isAbout && comment ? [comment] : [];
  });
  return comments;
}

const isolationsIn = async ({ simulator }: World) =>
  (await simulator.journal({ method: "POST", path: "/api/machines/*/isolate" })).map(
    ({ body }) => (body as { IsolationType?: string }).IsolationType,
  );

test("a severe alert that comes while a device is isolated selectively has it isolated fully, and both alerts hear of it", async () => {
  await using world = await startWorld(azurite.connectionString);
  await world.simulator.addAlert({ id: SECOND_ID, machineId: MACHINE_ID, severity: "High" });
  world.useRules([
    containing("mild", "Medium", { with: { isolationType: "Selective" } }),
    containing("severe", "High"),
  ]);
  await world.takeIn({ severity: "Medium" });
  await world.until(async () => (await commentsOn(world, ALERT_ID)).some((words) => words.startsWith("Isolated")));

  await world.takeIn({ alertId: SECOND_ID, severity: "High" });
  const [mild = "", severe = ""] = await world.runsOf("contain-device");
  await world.ended(mild);
  await world.ended(severe);

  expect(await isolationsIn(world)).toEqual(["Selective", "Full"]);
  expect((await world.simulator.machine(MACHINE_ID)).isolation).toBe("Full");
  for (const alertId of [ALERT_ID, SECOND_ID]) {
    expect((await commentsOn(world, alertId)).some((words) => words.includes(severe))).toBe(true);
  }
}, 60_000);

test("alerts of a run that was ended by force are told by the next one of the device what came of it", async () => {
  await using world = await startWorld(azurite.connectionString);
  await world.simulator.addAlert({ id: SECOND_ID, machineId: MACHINE_ID, severity: "High" });
  await world.simulator.setOffline(MACHINE_ID);
  world.useRules([containing("severe", "High")]);
  await world.takeIn({ severity: "High" });
  const [first = ""] = await world.runsOf("contain-device");
  await world.until(async () => (await world.saysOfItself(first)).includes("queued"));
  await world.client.terminate(first, "by hand");
  await world.ended(first);
  await world.simulator.setOffline(MACHINE_ID, false);

  await world.takeIn({ alertId: SECOND_ID, severity: "High" });
  const [, second = ""] = await world.runsOf("contain-device");
  await world.ended(second);

  const told = await commentsOn(world, ALERT_ID);
  expect(told.at(-1)).toMatch(/^Isolated.*Package .* stored/);
  expect(told.at(-1)).toContain(second);
  expect(await isolationsIn(world)).toHaveLength(1);
}, 60_000);

test("a cool-down begins when a device was contained, and not when the policy refused", async () => {
  await using world = await startWorld(azurite.connectionString);
  world.useRules([containing("severe", "High", { coolDown: "4h" })]);
  const critical: Partial<Record<keyof Policy, unknown>> = { criticalAssets: { machineIds: [MACHINE_ID] } };
  world.usePolicy(critical);
  const bring = async (alertId: string) => {
    await world.takeIn({ alertId, severity: "High" });
    const runs = await world.runsOf("contain-device");
    await world.ended(runs.at(-1));
    await world.pass(20 * MINUTE_MS);
    return runs.length;
  };

  expect(await bring("da1_1")).toBe(1);
  world.usePolicy({});
  expect(await bring("da2_1")).toBe(2);
  expect(await bring("da3_1")).toBe(2);
  expect(await isolationsIn(world)).toHaveLength(1);
}, 60_000);
