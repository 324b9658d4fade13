import { expect, test } from "vitest";
import { startAzurite } from "../../local/azurite.ts";
import { AlertFacts } from "../../shared/intake/alert-facts.ts";
import { undoRunId } from "../../shared/runs/run-id.ts";
import { ALERT_ID, MACHINE_ID } from "../helpers/builders.ts";
import { HOUR_MS, RUN_ID, startWorld } from "../histories/world.ts";

const OTHER_ALERT_ID = `${ALERT_ID}2`;
const SECOND_RUN_ID = `run-${"2".padStart(40, "0")}`;
const SHA1 = "3395856ce81f2b7382dee72602f798b642f14140";
const closing = { alertId: ALERT_ID, by: "ada", reason: "our own scanner" };

/** A device that a rule has acted on for the alert, in stores of its own. */
async function startActed(playbook: string, parameters: object = {}) {
  const azurite = await startAzurite();
  const world = await startWorld(azurite.connectionString);
  world.useRule({ when: { severity: "High" }, playbook, with: parameters });
  await world.takeIn({ severity: "High" });
  await world.pass(HOUR_MS / 30);
  const [acted = ""] = await world.runsOf(playbook);
  return {
    ...world,
    acted,
    async close(runId = RUN_ID, mode: "act" | "shadow" = "act") {
      await world.runs.startOnce("close-false-positive", runId, closing, { mode });
      await world.ended(runId);
      return (await world.client.getStatus(runId)).output as Record<string, unknown>;
    },
    /** What the alert was last made to be. */
    alert: async () => {
      const changes = await world.simulator.journal({ method: "PATCH", path: "/api/alerts/*" });
      return Object.assign({}, ...changes.map(({ body }) => body)) as object;
    },
    isIsolated: async () => (await world.simulator.machine(MACHINE_ID)).isolation !== null,
    ticket: () => world.services.tickets.get(acted),
    released: async () => (await world.simulator.journal({ method: "POST", path: "/api/machines/*/unisolate" })).length,
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await azurite.stop();
    },
  };
}

test("a contained device is released once, the alert resolved as false, and the ticket closed, however often it is said", async () => {
  await using app = await startActed("contain-device");
  expect(await app.isIsolated()).toBe(true);

  expect(await app.close()).toMatchObject({ outcome: "done", ticketClosed: true, alertUpdated: true });
  expect(await app.isIsolated()).toBe(false);
  expect(await app.alert()).toMatchObject({
    status: "Resolved",
    classification: "FalsePositive",
    determination: "Clean",
  });
  const ticket = await app.ticket();
  expect(ticket).toMatchObject({ status: "closed" });
  expect(ticket?.notes.at(-1)?.text).toContain("False positive (Clean), says ada: our own scanner.");
  expect(app.audit).toContainEqual(
    expect.objectContaining({ runId: RUN_ID, activity: "recordVerdict", reason: expect.stringContaining("says ada") }),
  );

  // Said again, and asked for over HTTP as well: the run that undoes it is one and the same.
  expect(await app.runs.startOnce("undo-run", undoRunId(app.acted), { runId: app.acted })).toBe("duplicate");
  expect(await app.close(SECOND_RUN_ID)).toMatchObject({ outcome: "done" });
  expect(await app.released()).toBe(1);
}, 60_000);

test("an isolation that waits for its device is cancelled with its run", async () => {
  await using app = await startActed("run-antivirus-scan");
  await app.simulator.setOffline(MACHINE_ID);
  await app.start("contain-device", { machineId: MACHINE_ID, alertId: ALERT_ID }, SECOND_RUN_ID);
  await app.pass(HOUR_MS);
  const asked = {
    tenantId: "t-1",
    alertId: ALERT_ID,
    verdict: "run",
    reason: "asked for",
    runId: SECOND_RUN_ID,
  } as const;
  await app.services.decisions.record(asked);

  expect(await app.close()).toMatchObject({ outcome: "done" });
  expect(await app.statusOf(SECOND_RUN_ID)).toBe("Terminated");
  await app.simulator.setOffline(MACHINE_ID, false);
  await app.pass(HOUR_MS);
  expect(await app.isIsolated()).toBe(false);
}, 60_000);

test("a containment that another alert has joined goes on, and so does the ticket", async () => {
  await using app = await startActed("contain-device");
  await app.simulator.addAlert({ id: OTHER_ALERT_ID, machineId: MACHINE_ID, incidentId: 7 });
  const other = { tenantId: "t-1", alertId: OTHER_ALERT_ID, machineIds: [MACHINE_ID], severity: "High" };
  await app.services.takeInWith(app.runs)({ alerts: [AlertFacts.parse(other)], rejected: [] });

  expect(await app.close()).toMatchObject({ outcome: "partly-done", ticketClosed: false });
  expect(await app.isIsolated()).toBe(true);
  expect(await app.ticket()).toMatchObject({ status: "open" });
}, 60_000);

test("a file in quarantine cannot be taken back: the ticket says so and stays open", async () => {
  await using app = await startActed("quarantine-file", { hash: SHA1 });

  expect(await app.close()).toMatchObject({ outcome: "partly-done", ticketClosed: false });
  const ticket = await app.ticket();
  expect(ticket?.status).toBe("open");
  expect(ticket?.notes.at(-1)?.text).toContain(
    `stopAndQuarantineFile on ${MACHINE_ID}: stays. No call of Defender restores a file from quarantine`,
  );
}, 60_000);

test("in shadow nothing is released, resolved or closed", async () => {
  await using app = await startActed("contain-device");

  expect(await app.close(RUN_ID, "shadow")).toMatchObject({ words: expect.stringContaining("would be undone") });
  expect(await app.isIsolated()).toBe(true);
  expect(await app.alert()).not.toMatchObject({ status: "Resolved" });
  expect(await app.ticket()).toMatchObject({ status: "open" });
  // And the real undo can still be had.
  expect(await app.runs.stateOf(undoRunId(app.acted))).toBe("absent");
}, 60_000);
