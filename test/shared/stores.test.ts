import { TableClient } from "@azure/data-tables";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../local/azurite.ts";
import { createTableAuditLog } from "../../shared/audit/audit-log.ts";
import { createBlobDeadLetterStore } from "../../shared/dead-letters/dead-letter-store.ts";
import { createTableDecisionLog } from "../../shared/intake/decision-log.ts";
import { createLazyTable } from "../../shared/storage/lazy-table.ts";
import { createTableTicketStore } from "../../shared/tickets/table-ticket-store.ts";

let azurite: Azurite;
let blobs: BlobServiceClient;

beforeAll(async () => {
  azurite = await startAzurite();
  blobs = BlobServiceClient.fromConnectionString(azurite.connectionString);
});
afterAll(() => azurite.stop());

const tableNamed = (name: string) =>
  createLazyTable(TableClient.fromConnectionString(azurite.connectionString, name, { allowInsecureConnection: true }));

const ticket = { correlationKey: "run-1", title: "High: on lab-01", description: "what is known", severity: "High" };

test("opens one ticket per correlation key, however often and at once it is asked", async () => {
  const tickets = createTableTicketStore(tableNamed("tickets"));

  const opened = await Promise.all([1, 2, 3].map(() => tickets.open(ticket)));
  expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
  expect(await tickets.open({ ...ticket, correlationKey: "run-2" })).not.toMatchObject({ id: opened[0]?.id });
});

test("adds a note once per key and keeps notes that come at the same moment", async () => {
  const tickets = createTableTicketStore(tableNamed("notes"));
  await tickets.open(ticket);

  await Promise.all(["a", "b", "a"].map((key) => tickets.addNote("run-1", { key, text: `note ${key}` })));
  expect((await tickets.get("run-1"))?.notes.map(({ key }) => key).sort()).toEqual(["a", "b"]);
});

test("lets runs of one incident share a ticket, and finds it by each of them", async () => {
  const tickets = createTableTicketStore(tableNamed("shared"));
  const incident = { ...ticket, correlationKey: "incident:t:1" };

  const opened = await Promise.all(["run-1", "run-2"].map((runId) => tickets.open(incident, runId)));
  await tickets.addNote("run-2", { key: "run-2 closing", text: "done" });

  expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
  expect(await tickets.get("run-1")).toMatchObject({ id: opened[0]?.id, notes: [{ text: "done" }] });
});

test("closes a ticket of its own and keeps what it says", async () => {
  const tickets = createTableTicketStore(tableNamed("closed"));
  const opened = await tickets.open(ticket, "run-2");
  await tickets.addNote("run-1", { key: "a", text: "x" });

  await tickets.setStatus("run-2", "closed");
  expect(await tickets.get("run-1")).toMatchObject({ ...opened, status: "closed", notes: [{ text: "x" }] });
  await expect(tickets.setStatus("run-9", "closed")).rejects.toMatchObject({ code: "TicketNotFound" });
});

test("says that there is no ticket to add a note to", async () => {
  const tickets = createTableTicketStore(tableNamed("none"));

  await expect(tickets.addNote("run-9", { key: "a", text: "x" })).rejects.toMatchObject({ code: "TicketNotFound" });
});

test("keeps a dead letter once, with its reason and the bytes as they came", async () => {
  const container = blobs.getContainerClient("dead-letters");
  const letters = createBlobDeadLetterStore(container);
  const letter = { source: "alerts/2/118", reasons: ["The message is not JSON"], body: Buffer.from([0xff, 0x00]) };

  await letters.keep(letter);
  await letters.keep(letter);

  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat()) names.push(name);
  expect(names).toEqual(["alerts/2/118.json"]);
  const kept = await container.getBlobClient("alerts/2/118.json").downloadToBuffer();
  expect(JSON.parse(kept.toString())).toMatchObject({ reasons: letter.reasons, encoding: "base64", body: "/wA=" });
});

test("tells what was decided about an alert, the last word per machine", async () => {
  const decisions = createTableDecisionLog(tableNamed("decisions"));
  const about = { tenantId: "t", alertId: "da1_1" };
  await decisions.record({ ...about, verdict: "waiting", reason: "severity not known" });
  await decisions.record({ ...about, verdict: "ignored", reason: "severity Low" });
  await decisions.record({ ...about, machineId: "m", verdict: "run", reason: "rule", runId: "run-1" });

  expect(await decisions.ofAlert("da1_1")).toMatchObject([
    { verdict: "run", reason: "its machines are decided about one by one" },
    { verdict: "run", machineId: "m", runId: "run-1" },
  ]);
  expect(await decisions.ofAlert("da1_2")).toEqual([]);
});

test("keeps the audit records of a run in the order things happened", async () => {
  let now = Date.parse("2026-01-05T09:00:00Z");
  const audit = createTableAuditLog(tableNamed("audit"), () => {
    now += 1000;
    return new Date(now);
  });
  const entry = { runId: "run-1", activity: "isolateMachine", effect: "contain" as const, machineId: "m", reason: "r" };
  await audit.record({ ...entry, event: "allowed" });
  await audit.record({ ...entry, event: "done" });

  expect((await audit.ofRun("run-1")).map(({ event }) => event)).toEqual(["allowed", "done"]);
});
