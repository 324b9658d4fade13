import { afterEach, beforeEach, expect, test } from "vitest";
import { createRunControl } from "../../functions/run-control.ts";
import { rowsInMemory } from "../../local/rows-in-memory.ts";
import { STAND_INS } from "../../local/ticket-systems/stand-ins.ts";
import { type Fault, startTicketServer, type TicketServer } from "../../local/ticket-systems/ticket-server.ts";
import type { LinkedAlert } from "../../shared/cases/case.ts";
import { lookAtEndless } from "../../shared/leases/keep-lease.ts";
import { createOutsideSystem } from "../../shared/tickets/create-ticket-store.ts";
import { createOutsideTicketStore } from "../../shared/tickets/outside-ticket-store.ts";
import { ALERT_ID, MACHINE_ID } from "../helpers/builders.ts";
import { settingsOfStandIn } from "../helpers/tickets.ts";
import { CONTAINMENT_ID, DAY_MS, startContainments } from "../helpers/virtual-containment.ts";

const JOINED_ID = `${ALERT_ID}2`;
const MINUTE_MS = 60_000;
const CREATE: Pick<Fault, "method" | "path"> = { method: "POST", path: /incident$/ };
const NOTE: Pick<Fault, "method" | "path"> = { method: "PATCH", path: /incident/ };

let server: TicketServer;
beforeEach(async () => {
  server = await startTicketServer(STAND_INS.servicenow);
});
afterEach(() => server.close());

/** Containments with their tickets in ServiceNow; one more alert of the device joins. */
async function startWithServiceNow() {
  const alerts: LinkedAlert[] = [ALERT_ID, JOINED_ID].map((alertId, index) => ({
    ...{ alertId: alertId as LinkedAlert["alertId"], runId: CONTAINMENT_ID, place: index + 1 },
  }));
  const app = await startContainments({}, (now) => ({
    tickets: createOutsideTicketStore(
      createOutsideSystem(settingsOfStandIn("servicenow", server.url), now),
      rowsInMemory(),
      now,
    ),
    cases: {
      join: async () => [],
      openRun: async () => undefined,
      alertsOf: async (_key, runId, after) => alerts.filter((alert) => alert.runId === runId && alert.place > after),
      close: async () => ({ isClosed: true }),
    },
  }));
  await app.simulator.addAlert({ id: JOINED_ID, machineId: MACHINE_ID });
  const commentsOf = async (alertId: string) => {
    const { alerts } = await app.simulator.state();
    const comments = alerts.find(({ id }) => id === alertId)?.comments ?? [];
    return comments.map(({ comment }) => (comment ?? "").replace(/ \[run-.*\]$/, "").replace(/ \[[a-z]+-.*\]$/, ""));
  };
  return {
    ...app,
    commentsOf,
    async contained(input: object = {}) {
      await app.contain(input);
      await app.passTime(async () => (await app.statusOf(CONTAINMENT_ID)) === "Completed", 2 * DAY_MS);
    },
  };
}

/** The notes of the one ticket, without what differs from run to run. */
const notesOf = (): string[] =>
  (server.tickets[0]?.notes ?? []).map((note) => String(note).replace(/\n\[note-.*\]$/, ""));

/** As it reads where nothing goes wrong. */
const ENDED = "Isolated. Package p stored, SHA-256 ab.";
const CLOSING = `${ENDED} Ticket INC0000001.`;
const JOINED = "1 more alert(s) of this device joined.";

test.each<[string, Fault[]]>([
  ["fails after it has made the record", [{ effect: 500, isPerformed: true, ...CREATE }]],
  ["cuts the connection after it has made the record", [{ effect: "reset", isPerformed: true, ...CREATE }]],
  ["cuts the connection before it has made the record", [{ effect: "reset", ...CREATE }]],
  ["asks to be left alone before it makes the record", [{ effect: 429, retryAfterSeconds: 90, ...CREATE }]],
  ["cannot say at first whether there is one", [{ effect: 500, method: "GET" }]],
  ["fails after it has taken each note", Array(2).fill({ effect: 500, isPerformed: true, ...NOTE })],
  ["cuts the connection after it has taken each note", Array(2).fill({ effect: "reset", isPerformed: true, ...NOTE })],
  ["asks to be left alone at each note", Array(2).fill({ effect: 429, retryAfterSeconds: 45, ...NOTE })],
])(
  "there is one ticket with each note once, and device and alerts are as it says, where ServiceNow %s",
  async (_, faults) => {
    await using app = await startWithServiceNow();
    server.fail(...faults);
    await app.contained();

    expect(await app.isIsolated()).toBe(true);
    expect(await app.outputOf(CONTAINMENT_ID)).toMatchObject({ outcome: "isolated", ticketId: "INC0000001" });
    expect(server.tickets).toHaveLength(1);
    expect(server.tickets[0]).toMatchObject({ state: "1" });
    expect(notesOf()).toEqual([ENDED, JOINED]);
    expect(server.faultsLeft()).toBe(0);
    expect((await app.commentsOf(ALERT_ID)).at(-1)).toBe(CLOSING);
    expect(await app.commentsOf(JOINED_ID)).toEqual([CLOSING]);
  },
  60_000,
);

test("a device is isolated while ServiceNow is down for an hour; then there is one ticket, with the whole truth", async () => {
  await using app = await startWithServiceNow();
  server.down();
  const startedAt = app.clock.now().getTime();
  await app.contain();
  await app.passTime(async () => app.isIsolated(), 5 * MINUTE_MS);
  await app.passTime(() => app.clock.now().getTime() - startedAt >= 60 * MINUTE_MS, 61 * MINUTE_MS);
  expect(server.tickets).toEqual([]);
  server.up();
  await app.passTime(async () => (await app.statusOf(CONTAINMENT_ID)) === "Completed", DAY_MS);

  expect(await app.outputOf(CONTAINMENT_ID)).toMatchObject({ outcome: "isolated", ticketId: "INC0000001" });
  expect(server.tickets).toHaveLength(1);
  expect(server.tickets[0]?.description).toContain("Containment for alert");
  expect(notesOf()).toEqual([ENDED]);
  expect((await app.commentsOf(ALERT_ID)).slice(-2)).toEqual([
    `${ENDED} No ticket could be opened yet.`,
    "Ticket INC0000001 is open now.",
  ]);
}, 60_000);

test("ticket, alert and joined alerts are told of the end of the isolation, once each and in the same words", async () => {
  await using app = await startWithServiceNow();
  await app.contained({ leaseHours: 5 });
  server.fail({ effect: "reset", isPerformed: true, ...NOTE });
  await app.passTime(async () => !(await app.isIsolated()), DAY_MS);
  await app.passTime(() => notesOf().length > 2, DAY_MS);
  await app.passTime(async () => (await app.commentsOf(JOINED_ID)).length > 1, DAY_MS);
  await app.settle();

  const words = "Released, as the end of its isolation has come.";
  expect(notesOf().slice(2)).toEqual([words]);
  expect(server.faultsLeft()).toBe(0);
  expect((await app.commentsOf(ALERT_ID)).filter((comment) => comment === words)).toHaveLength(1);
  expect((await app.commentsOf(JOINED_ID)).slice(1)).toEqual([words]);
}, 60_000);

test("an undo tells the alerts too, and a ticket that people have deleted stops nothing", async () => {
  await using app = await startWithServiceNow();
  await app.contained();
  for (const ticket of server.tickets) ticket.isDeleted = true;
  const undoId = `undo-${"1".padStart(40, "0")}`;
  await app.start("undo-run", undoId, { runId: CONTAINMENT_ID });
  await app.passTime(async () => (await app.statusOf(undoId)) === "Completed", DAY_MS);

  const words = `Released, as the run ${CONTAINMENT_ID} was undone.`;
  expect(await app.isIsolated()).toBe(false);
  expect((await app.commentsOf(ALERT_ID)).at(-1)).toBe(words);
  expect((await app.commentsOf(JOINED_ID)).at(-1)).toBe(words);
  expect(server.tickets).toHaveLength(1);
}, 60_000);

test("a release in the portal is seen at the next look, also where the isolation has no end, and said to all", async () => {
  await using app = await startWithServiceNow();
  await app.contained({ leaseHours: 0 });
  const { apiUrl } = app.defender;
  const token = app.defender.issueToken({ audience: "https://api.securitycenter.microsoft.com" });
  const answer = await fetch(`${apiUrl}/api/machines/${MACHINE_ID}/unisolate`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ Comment: "clean" }),
  });
  expect(answer.ok).toBe(true);
  app.clock.advance(10 * MINUTE_MS);
  await lookAtEndless({ leases: app.leases, tenantId: "t-1", runs: createRunControl(app.client) });
  await app.passTime(() => notesOf().length > 2, 2 * DAY_MS);
  await app.passTime(async () => (await app.commentsOf(JOINED_ID)).length > 1, DAY_MS);

  expect(notesOf().at(-1)).toMatch(/^Released in Defender by /);
  expect(await app.commentsOf(JOINED_ID)).toEqual([CLOSING, notesOf().at(-1)]);
  expect((await app.commentsOf(ALERT_ID)).at(-1)).toBe(notesOf().at(-1));
}, 60_000);
