import { TableClient } from "@azure/data-tables";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import { AlertFacts } from "../../../shared/intake/alert-facts.ts";
import { createTableAlertStore } from "../../../shared/intake/alert-store.ts";
import { createTablePendingAlerts, ROUND_MS } from "../../../shared/intake/pending-alerts.ts";
import { createLazyTable } from "../../../shared/storage/lazy-table.ts";
import { ALERT_ID, MACHINE_ID } from "../../helpers/builders.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const tableNamed = (name: string) =>
  createLazyTable(TableClient.fromConnectionString(azurite.connectionString, name, { allowInsecureConnection: true }));
const facts = (changes: object) => AlertFacts.parse({ tenantId: "t-1", alertId: ALERT_ID, machineIds: [], ...changes });

const machineIds = Array.from({ length: 12 }, (_, index) => index.toString(16).padStart(40, "0"));

test("lets one of those who add to an alert at the same moment see what all have said", async () => {
  const alerts = createTableAlertStore(tableNamed("together"));

  const seen = await Promise.all([
    alerts.add(facts({ severity: "High", title: "Ransomware" })),
    ...machineIds.map((machineId) => alerts.add(facts({ machineIds: [machineId] }))),
  ]);

  const whole = { severity: "High", title: "Ransomware", machineIds: expect.arrayContaining(machineIds) };
  expect(seen.filter((one) => one.machineIds.length === 12 && one.severity === "High")).not.toEqual([]);
  expect(await alerts.get("t-1", ALERT_ID)).toMatchObject(whole);
});

test("keeps alerts of two tenants apart, and knows nothing of others", async () => {
  const alerts = createTableAlertStore(tableNamed("tenants"));
  await alerts.add(facts({ severity: "High" }));

  expect(await alerts.add(facts({ tenantId: "t-2", machineIds: [MACHINE_ID] }))).not.toHaveProperty("severity");
  expect(await alerts.get("t-3", ALERT_ID)).toBeUndefined();
});

test("changes nothing when the same is said again", async () => {
  let now = Date.parse("2026-01-05T09:00:00Z");
  const table = tableNamed("again");
  const alerts = createTableAlertStore(table, () => new Date(now));
  await alerts.add(facts({ severity: "High" }));
  now += 60_000;
  await alerts.add(facts({ severity: "High" }));

  expect(await table.get(`t-1:${ALERT_ID}`, "facts")).toMatchObject({ at: "2026-01-05T09:00:00.000Z" });
});

test("keeps an alert on a whole fleet", async () => {
  const alerts = createTableAlertStore(tableNamed("fleet"));
  const fleet = Array.from({ length: 500 }, (_, index) => index.toString(16).padStart(40, "f"));
  const users = Array.from({ length: 50 }, (_, index) => `${index}${"\u{1f6a8}".repeat(150)}`);

  await alerts.add(facts({ machineIds: fleet, impactedMachineIds: fleet, relatedMachineIds: fleet, users }));
  expect(await alerts.get("t-1", ALERT_ID)).toMatchObject({
    machineIds: { length: 500 },
    users: expect.arrayContaining(users),
  });
});

const waiting = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({ tenantId: "t-1", alertId: `da${from + index}_1` }));

test("puts alerts that come within seconds into one round, each once", async () => {
  let now = Date.parse("2026-01-05T09:00:01Z");
  const pending = createTablePendingAlerts(tableNamed("rounds"), () => now);

  const [round = ""] = await pending.add(waiting(0, 250));
  expect(await pending.add([...waiting(0, 10), ...waiting(0, 10)])).toEqual([round]);
  now += ROUND_MS;
  expect(await pending.add(waiting(300, 301))).not.toEqual([round]);

  expect(await pending.ofRound(round)).toHaveLength(250);
  const looked = (await pending.ofRound(round)).filter(({ alertId }) => alertId !== "da7_1");
  await pending.clear(round, looked);
  await pending.clear(round, looked);
  expect(await pending.ofRound(round)).toMatchObject([{ alertId: "da7_1" }]);
});

test("adds to the next round what was written when a round was over", async () => {
  const times = ["2026-01-05T09:00:04.900Z", "2026-01-05T09:00:05.100Z"].map((time) => Date.parse(time));
  const pending = createTablePendingAlerts(
    tableNamed("late"),
    () => times.shift() ?? Date.parse("2026-01-05T09:00:06Z"),
  );

  expect(await pending.add(waiting(0, 1))).toEqual(["2026-01-05T09:00:05.000Z"]);
});
