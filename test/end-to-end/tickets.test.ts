import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openKeys } from "../../local/host/keys.ts";
import { type Stack, startStack } from "../../local/stack.ts";
import { SECRET, STAND_INS, USER } from "../../local/ticket-systems/stand-ins.ts";
import { startTicketServer, type TicketServer } from "../../local/ticket-systems/ticket-server.ts";

const MACHINE_ID = "d".repeat(40);
const ALERT_ID = "da637200000000000001_1";

let folder: string;
let stack: Stack;
let server: TicketServer;
let key: string;
const said: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "playbooks-tickets-"));
  server = await startTicketServer(STAND_INS.servicenow);
  stack = await startStack({
    folder,
    limitScale: 1_000,
    simulator: ["--no-throttling", "--final-after-ms", "0"],
    onLine: (_, line) => void said.push(line),
    settings: {
      ...{ TICKET_SYSTEM: "servicenow", TICKET_URL: server.url, TICKET_USER: USER, TICKET_SECRET: SECRET },
    },
  });
  key = (await openKeys(stack.host.addresses.keysFile)).functionKey;
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: object) {
  const response = await fetch(new URL(path, stack.host.addresses.url), {
    method,
    headers: { "x-functions-key": key },
    ...(body && { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: an answer of JSON, compared with what is expected of it.
  return { status: response.status, body: (await response.json()) as any };
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resume) => setTimeout(resume, 200));
  }
  throw new Error("it did not come to hold");
}

test("a containment has one ticket in ServiceNow, each note once, though ServiceNow fails at awkward moments", async () => {
  await stack.simulator.addMachine({ id: MACHINE_ID });
  await stack.simulator.addAlert({ id: ALERT_ID, machineId: MACHINE_ID, incidentId: 7 });
  server.fail(
    { effect: "reset", isPerformed: true, method: "POST", path: /incident$/ },
    { effect: 500, isPerformed: true, method: "PATCH", path: /incident/ },
    { effect: 429, retryAfterSeconds: 1, path: /sys_journal_field/ },
  );
  const { body } = await call("POST", "/api/playbooks/contain-device/runs", {
    ...{ machineId: MACHINE_ID, alertId: ALERT_ID, joinMinutes: 0 },
  });
  const outcome = await until(async () => (await call("GET", `/api/runs/${body.runId}`)).body.outcome);
  expect(outcome).toMatchObject({ outcome: "isolated", ticketId: "INC0000001" });
  expect(server.faultsLeft()).toBe(0);

  expect(server.tickets).toHaveLength(1);
  expect(server.tickets[0]?.notes).toEqual([expect.stringMatching(/^Isolated\. Package .* stored, SHA-256/)]);
  expect((await call("GET", `/api/runs/${body.runId}/ticket`)).body).toMatchObject({
    id: "INC0000001",
    status: "open",
  });

  // People close it; the next containment of the incident opens it again, and adds what it knows.
  for (const ticket of server.tickets) ticket.state = "7";
  expect((await call("GET", `/api/runs/${body.runId}/ticket`)).body).toMatchObject({ status: "closed" });
  await stack.simulator.addMachine({ id: "e".repeat(40) });
  const other = { machineId: "e".repeat(40), alertId: ALERT_ID, joinMinutes: 0 };
  const second = (await call("POST", "/api/playbooks/contain-device/runs", other)).body.runId;
  await until(async () => (await call("GET", `/api/runs/${second}`)).body.outcome);
  expect(server.tickets).toHaveLength(1);
  expect(server.tickets[0]).toMatchObject({ state: "2" });
  expect(server.tickets[0]?.notes.join(" ")).toContain("The ticket was closed, and is open again.");

  for (const line of said) expect(line).not.toContain(SECRET);
}, 120_000);
