import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { minutes, simulatedDefender } from "./simulated-defender.ts";

const machineId = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
const comment = { Comment: "Because of alert da1" };
const alertId = "da637139127150012465_1011995739";
let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
});
afterAll(() => defender.close());
beforeEach(async () => {
  defender.clock.restart();
  await defender.control.reset();
  await defender.control.addMachine({ id: machineId, computerDnsName: "web-1.contoso.example" });
});

const start = (id = machineId) => defender.call("POST", `/api/machines/${id}/startInvestigation`, comment);
const read = async (id: string) => (await defender.call("GET", `/api/investigations/${id}`)).body;
const listed = async (filter: string) =>
  (await defender.call("GET", `/api/investigations?$filter=${filter}`)).body.value.map(({ id }) => id);

test("an investigation is queued, runs and comes to an end", async () => {
  const { status, body } = await start();
  expect(status).toBe(201);
  expect(body).toMatchObject({
    id: expect.stringMatching(/^\d+$/),
    state: "Queued",
    startTime: "2026-01-05T09:00:00.0000000Z",
    endTime: null,
    machineId,
    computerDnsName: "web-1.contoso.example",
    triggeringAlertId: null,
  });

  defender.clock.advance(300);
  expect(await read(body.id)).toMatchObject({ state: "Running", endTime: null });
  defender.clock.advance(600);
  expect(await read(body.id)).toMatchObject({ state: "Benign", endTime: "2026-01-05T09:00:00.9000000Z" });
});

test("an investigation that waits for approval does not end", async () => {
  await defender.control.settings({ investigationOutcome: "PendingApproval" });
  const { body } = await start();
  defender.clock.advance(minutes(60));

  expect(await read(body.id)).toMatchObject({ state: "PendingApproval", endTime: null });
});

test("a machine has one investigation at a time", async () => {
  const { body } = await start();
  expect(await start()).toMatchObject({ status: 400, body: { error: { code: "ActiveRequestAlreadyExists" } } });
  await defender.control.settings({ duplicateActions: "returnOpen" });
  expect((await start()).body.id).toBe(body.id);

  defender.clock.advance(900);
  expect(Number((await start()).body.id)).toBeGreaterThan(Number(body.id));
});

test("an investigation is found by its own id and by the alert that set it off", async () => {
  await defender.control.putRows("investigations", [
    { id: "63004", state: "PendingApproval", machineId, triggeringAlertId: alertId },
  ]);

  expect(await read("63004")).toMatchObject({ state: "PendingApproval", endTime: null, statusDetails: null });
  expect((await read(alertId)).id).toBe("63004");
  expect((await defender.call("GET", "/api/investigations/63005")).status).toBe(404);
});

test("investigations are listed newest first, and filtered", async () => {
  const other = await defender.control.addMachine();
  const first = (await start()).body.id;
  defender.clock.advance(minutes(1));
  const second = (await start(other.id)).body.id;

  expect((await defender.call("GET", "/api/investigations")).body.value.map(({ id }) => id)).toEqual([second, first]);
  expect(await listed("state eq 'Queued'")).toEqual([second]);
  expect(await listed(`machineId eq '${machineId}' and startTime lt 2026-01-05T09:01:00Z`)).toEqual([first]);
});

test("50 investigations can be started in an hour, and no more", async () => {
  await using limited = await simulatedDefender();
  const ids = await limited.control.addMachines(Array.from({ length: 51 }, () => ({})));
  const statuses = [];
  for (const { id } of ids) {
    const answer = await limited.call("POST", `/api/machines/${id}/startInvestigation`, comment);
    statuses.push([answer.status, answer.headers.get("retry-after")]);
  }

  expect(statuses.slice(0, 50)).toEqual(Array.from({ length: 50 }, () => [201, null]));
  expect(statuses.at(50)).toEqual([429, "3600"]);
});
