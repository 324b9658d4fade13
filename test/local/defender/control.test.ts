import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isolation, minutes, refusal, simulatedDefender } from "./simulated-defender.ts";

let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
});
afterAll(() => defender.close());
beforeEach(() => defender.control.reset());

const post = (id: string, name: string, body: object) => defender.call("POST", `/api/machines/${id}/${name}`, body);

describe("the journal", () => {
  test("tells of every call what was asked and what became of it, but never the token", async () => {
    const { id } = await defender.control.addMachine();
    const { body } = await post(id, "isolate", isolation);
    await post(id, "isolate", isolation);
    const journal = await defender.control.journal();

    expect(journal).toMatchObject([
      {
        method: "POST",
        path: `/api/machines/${id}/isolate`,
        status: 201,
        machineId: id,
        actionType: "Isolate",
        machineActionId: body.id,
        appId: defender.clientId,
        body: isolation,
        time: "2026-01-05T09:00:00.000Z",
      },
      { status: 400, machineId: id, actionType: "Isolate", body: isolation },
    ]);
    expect(JSON.stringify(journal)).not.toContain("eyJ");
  });

  test("tells the query in plain text, and who was refused", async () => {
    await defender.call("GET", "/api/alerts?$filter=status%20eq%20'New'&$top=5");
    await fetch(`${defender.apiUrl}/api/alerts`);

    expect(await defender.control.journal()).toMatchObject([
      { query: "$filter=status eq 'New'&$top=5", status: 200 },
      { status: 401 },
    ]);
  });

  test("can be searched by method and path, continued and cut short", async () => {
    const { id } = await defender.control.addMachine();
    await defender.call("GET", `/api/machines/${id}`);
    await post(id, "isolate", isolation);
    await defender.call("GET", "/api/machineactions");
    const found = async (query: object) =>
      (await defender.control.journal(query)).map(({ method, path }) => `${method} ${path}`);
    const [first] = await defender.control.journal();

    expect(await found({ path: "/api/machines/*/ISOLATE" })).toEqual([`POST /api/machines/${id}/isolate`]);
    expect(await found({ method: "get", path: "/api/machine*" })).toHaveLength(2);
    expect(await found({ after: first?.seq })).toHaveLength(2);
    expect(await found({ limit: 1 })).toEqual(["GET /api/machineactions"]);
  });

  test("begins anew when cleared", async () => {
    await defender.call("GET", "/api/alerts");
    await defender.control.clearJournal();

    expect(await defender.control.journal()).toEqual([]);
  });
});

describe("machines and alerts that nobody added", () => {
  const machineId = "c2b3a46f1e5bc9d7e413ddd7902c2932e418702b";
  const alertId = "da638034938542195558_2006612345";

  test("are not there, unless they are to be made up", async () => {
    expect((await defender.call("GET", `/api/machines/${machineId}`)).status).toBe(404);
    expect((await defender.call("GET", `/api/alerts/${alertId}`)).status).toBe(404);

    await defender.control.settings({ autoCreate: true });
    expect((await defender.call("GET", `/api/machines/${machineId}`)).body.id).toBe(machineId);
    expect((await defender.call("PATCH", `/api/alerts/${alertId}`, { comment: "Seen" })).body).toMatchObject({
      id: alertId,
      machineId: null,
    });
    expect((await post("08f8d2ad-ebd8-4b1e-9509-fcca55a66583", "isolate", isolation)).status).toBe(201);
  });

  test("are not made up from a name", async () => {
    await defender.control.settings({ autoCreate: true });

    expect((await defender.call("GET", "/api/machines/web-1.contoso.example")).status).toBe(404);
  });
});

describe("the control API", () => {
  test("moves the tenant's time ahead without touching tokens", async () => {
    const { id } = await defender.control.addMachine();
    const { body } = await post(id, "isolate", isolation);
    await defender.control.advanceClock(minutes(120));

    expect((await defender.call("GET", `/api/machineactions/${body.id}`)).body.status).toBe("Succeeded");
  });

  test("resets everything to the start", async () => {
    await defender.control.addMachine();
    await defender.control.settings({ throttling: true, limitScale: 0.01 });
    await defender.control.fault({ path: "*", effect: "hang", times: 9 });
    await defender.control.reset();

    expect(await defender.control.state()).toMatchObject({
      machines: [],
      alerts: [],
      machineActions: [],
      settings: { throttling: false, limitScale: 1 },
    });
    expect((await defender.call("GET", "/api/alerts")).status).toBe(200);
  });

  test.each([
    ["PUT", "settings", { throtling: false }, /throtling/],
    ["POST", "faults", { path: "/api/alerts", effect: "explode" }, /effect/],
    ["PUT", "machines", { id: "web-1" }, /id/],
    ["POST", "nothing", {}, /no call/],
  ])("refuses %s %s with %j, and says why", async (method, path, body, reason) => {
    const response = await fetch(`${defender.apiUrl}/simulator/${path}`, { method, body: JSON.stringify(body) });

    expect(response.ok).toBe(false);
    expect((await refusal(response)).message).toMatch(reason);
  });

  test("delays every answer when told to", async () => {
    await defender.control.settings({ latencyMs: 60 });
    const start = performance.now();
    await defender.call("GET", "/api/alerts");

    expect(performance.now() - start).toBeGreaterThan(50);
  });
});
