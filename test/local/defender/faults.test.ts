import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isolation, minutes, simulatedDefender } from "./simulated-defender.ts";

const machineId = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
});
afterAll(() => defender.close());
beforeEach(async () => {
  await defender.control.reset();
  await defender.control.addMachine({ id: machineId });
});

const isolate = () => defender.call("POST", `/api/machines/${machineId}/isolate`, isolation);
const actionsMade = async () => (await defender.control.state()).machineActions.length;

describe("a fault", () => {
  test("spoils the calls it fits as often as it was told to, and they take no effect", async () => {
    await defender.control.fault({ method: "POST", path: "/api/machines/*", times: 2, effect: "answer", status: 503 });
    const statuses = [await isolate(), await isolate(), await isolate()].map(({ status }) => status);

    expect(statuses).toEqual([503, 503, 201]);
    expect(await actionsMade()).toBe(1);
  });

  test("leaves other methods and paths alone", async () => {
    await defender.control.fault({ method: "GET", path: "/api/machines/*", effect: "answer" });
    await defender.control.fault({
      path: "/api/v1.0/alerts",
      effect: "answer",
      status: 429,
      headers: { "retry-after": "7" },
    });

    expect((await isolate()).status).toBe(201);
    expect((await defender.call("GET", `/api/machines/${machineId}`)).status).toBe(500);
    expect((await defender.call("GET", "/api/alerts")).headers.get("retry-after")).toBe("7");
  });

  test("can lose the answer to a call that took effect", async () => {
    await defender.control.fault({ path: "/api/machines/*", effect: "drop", performed: true });

    await expect(isolate()).rejects.toThrow();
    const { body } = await defender.call("GET", `/api/machineactions?$filter=machineId eq '${machineId}'`);
    expect(body.value).toMatchObject([{ type: "Isolate", requestorComment: isolation.Comment }]);
    expect(await defender.control.journal({ method: "POST" })).toMatchObject([
      { status: 0, fault: "drop", performed: true, actionType: "Isolate", machineId },
    ]);
  });

  test("can drop a call before it takes effect", async () => {
    await defender.control.fault({ path: "/api/machines/*", effect: "drop" });

    await expect(isolate()).rejects.toThrow();
    expect(await actionsMade()).toBe(0);
  });

  test("can leave a caller waiting for ever", async () => {
    await defender.control.fault({ path: "/api/machineactions", effect: "hang" });
    const patience = AbortSignal.timeout(200);
    const headers = { authorization: `Bearer ${defender.issueToken()}` };

    await expect(fetch(`${defender.apiUrl}/api/machineactions`, { headers, signal: patience })).rejects.toThrow(
      /timeout/,
    );
    expect((await defender.call("GET", "/api/machineactions")).status).toBe(200);
  });

  test("can break a connection off", async () => {
    await defender.control.fault({ path: "/api/machines/*", effect: "reset" });

    const error = await isolate().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ cause: { code: "ECONNRESET" } });
    expect(await actionsMade()).toBe(0);
  });

  test("can cut an answer off in the middle, after the call took effect", async () => {
    await defender.control.fault({ path: "/api/machines/*", effect: "truncate" });
    const response = await fetch(`${defender.apiUrl}/api/machines/${machineId}/isolate`, {
      method: "POST",
      headers: { authorization: `Bearer ${defender.issueToken()}` },
      body: JSON.stringify(isolation),
    });

    expect(response.status).toBe(201);
    await expect(response.text()).rejects.toThrow("terminated");
    expect(await actionsMade()).toBe(1);
  });

  test.each([200, 502])("can be a web page with status %s", async (status) => {
    await defender.control.fault({ path: "/api/alerts", effect: "html", status });
    const headers = { authorization: `Bearer ${defender.issueToken()}` };
    const response = await fetch(`${defender.apiUrl}/api/alerts`, { headers });

    expect([response.status, response.headers.get("content-type")]).toEqual([status, "text/html"]);
    expect(await response.text()).toMatch(/^<html>/);
  });

  test("can be nothing but slowness, on one path and for as long as it lasts", async () => {
    await defender.control.fault({ path: "/api/alerts", effect: "latency", delayMs: 80, probability: 1 });
    const timed = async (path: string) => {
      const start = performance.now();
      const { status } = await defender.call("GET", path);
      return { status, ms: performance.now() - start };
    };
    const slow = [await timed("/api/alerts"), await timed("/api/alerts")];

    expect(slow.map(({ status }) => status)).toEqual([200, 200]);
    expect(Math.min(...slow.map(({ ms }) => ms))).toBeGreaterThan(70);
    expect((await timed("/api/machineactions")).ms).toBeLessThan(80);
  });

  test("can hit a share of all calls, the same ones for the same seed", async () => {
    const failuresOf = async (seed: number) => {
      await defender.control.clearFaults();
      await defender.control.fault({ path: "/api/alerts", effect: "answer", status: 503, probability: 0.1, seed });
      const failed = [];
      for (let call = 0; call < 200; call += 1) {
        if ((await defender.call("GET", "/api/alerts")).status === 503) failed.push(call);
      }
      return failed;
    };
    const first = await failuresOf(7);

    expect(first.length).toBeGreaterThan(8);
    expect(first.length).toBeLessThan(35);
    expect(await failuresOf(7)).toEqual(first);
    expect(await failuresOf(8)).not.toEqual(first);
  });

  test("that hits a share of calls can be limited to so many", async () => {
    await defender.control.fault({ path: "/api/alerts", effect: "answer", probability: 1, times: 2 });
    const statuses = [];
    for (const _ of [1, 2, 3]) statuses.push((await defender.call("GET", "/api/alerts")).status);

    expect(statuses).toEqual([500, 500, 200]);
  });

  test("that is still to come can be called off", async () => {
    await defender.control.fault({ path: "*", effect: "answer" });
    await defender.control.clearFaults();

    expect((await isolate()).status).toBe(201);
  });
});

describe("a service whose clock is wrong", () => {
  test.each([
    [-5, "08:55:00"],
    [5, "09:05:00"],
  ])("by %s minutes says so in its header and in every time it prints", async (minutesOff, time) => {
    defender.clock.restart();
    await defender.control.settings({ clockSkewMs: minutes(minutesOff) });
    const { headers, body } = await isolate();

    expect(headers.get("date")).toBe(`Mon, 05 Jan 2026 ${time} GMT`);
    expect(body.creationDateTimeUtc).toBe(`2026-01-05T${time}.0000000Z`);
    expect((await defender.call("GET", `/api/machineactions/${body.id}`)).body.status).toBe("Pending");
  });
});
