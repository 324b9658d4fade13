import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isolation, simulatedDefender } from "./simulated-defender.ts";

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

  test("that is still to come can be called off", async () => {
    await defender.control.fault({ path: "*", effect: "answer" });
    await defender.control.clearFaults();

    expect((await isolate()).status).toBe(201);
  });
});
