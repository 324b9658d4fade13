import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { minutes, simulatedDefender } from "./simulated-defender.ts";

const id = "da637472900382838869_1364969609";
let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
});
afterAll(() => defender.close());
beforeEach(() => defender.control.reset());

describe("an alert", () => {
  test("names its machine and comes with its evidence", async () => {
    const machine = await defender.control.addMachine({ rbacGroupName: "The-A-Team" });
    const evidence = [
      { entityType: "File", sha1: "8563f95b2f8a284fc99da44500cd51a77c1ff36c", fileName: "suspicious.dll" },
    ];
    await defender.control.addAlert({ id, machineId: machine.id, evidence });
    const { body } = await defender.call("GET", `/api/alerts/${id}`);

    expect(body).toMatchObject({
      id,
      machineId: machine.id,
      computerDnsName: machine.computerDnsName,
      rbacGroupName: "The-A-Team",
    });
    expect(body.evidence).toMatchObject([{ ...evidence[0], ipAddress: null, processId: null }]);
  });

  test("that nobody knows is not found", async () => {
    expect(await defender.call("GET", "/api/alerts/da1_1")).toMatchObject({
      status: 404,
      body: { error: { code: "ResourceNotFound" } },
    });
  });

  test("takes a verdict and a comment, and keeps earlier comments", async () => {
    await defender.control.addAlert({ id });
    await defender.call("PATCH", `/api/alerts/${id}`, { comment: "Looking into it" });
    defender.clock.advance(minutes(5));
    const { status, body } = await defender.call("PATCH", `/api/alerts/${id}`, {
      status: "Resolved",
      assignedTo: "ana@contoso.example",
      classification: "TruePositive",
      determination: "Malware",
      comment: "Device isolated",
    });

    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        status: "Resolved",
        assignedTo: "ana@contoso.example",
        classification: "TruePositive",
        determination: "Malware",
      },
    });
    expect(body.resolvedTime).toBe(body.lastUpdateTime);
    expect(body.comments).toEqual([
      { comment: "Looking into it", createdBy: defender.clientId, createdTime: expect.stringMatching(/\.\d{7}Z$/) },
      { comment: "Device isolated", createdBy: defender.clientId, createdTime: body.lastUpdateTime },
    ]);
    expect((await defender.call("GET", `/api/alerts/${id}`)).body.status).toBe("Resolved");
  });

  test.each([
    [{ status: "Closed" }, "InvalidInput"],
    [{ classification: "Apt" }, "InvalidInput"],
    [{ determination: "NotAvailable" }, "InvalidInput"],
    [{ Status: "Resolved" }, "InvalidRequestBody"],
    [{ severity: "Low" }, "InvalidRequestBody"],
    [{ comment: 7 }, "InvalidRequestBody"],
    [[], "InvalidRequestBody"],
    [undefined, "InvalidRequestBody"],
  ])("does not take %j, and stays as it was", async (changes, code) => {
    const before = await defender.control.addAlert({ id });
    const answer = await defender.call("PATCH", `/api/alerts/${id}`, changes);

    expect(answer).toMatchObject({ status: 400, body: { error: { code } } });
    expect((await defender.control.state()).alerts).toEqual([before]);
  });
});

describe("the list of alerts", () => {
  test("is empty, not missing, while there are none", async () => {
    expect(await defender.call("GET", "/api/alerts")).toMatchObject({ status: 200, body: { value: [] } });
  });

  test("shows evidence only on request", async () => {
    await defender.control.addAlert({ id, evidence: [{ entityType: "Ip", ipAddress: "198.51.100.7" }] });
    const [plain, expanded] = await Promise.all([
      defender.call("GET", "/api/alerts"),
      defender.call("GET", "/api/alerts?$expand=evidence"),
    ]);

    expect(plain.body.value[0]?.evidence).toEqual([]);
    expect(expanded.body.value[0]?.evidence).toMatchObject([{ ipAddress: "198.51.100.7" }]);
  });

  test("can be asked for what changed since a time", async () => {
    await defender.control.addAlerts([{ id: "da1_1" }, { id: "da2_2" }]);
    const since = new Date(defender.clock.now() + minutes(1)).toISOString();
    defender.clock.advance(minutes(2));
    await defender.call("PATCH", "/api/alerts/da1_1", { comment: "Looked at" });
    const { body } = await defender.call(
      "GET",
      `/api/alerts?$filter=lastUpdateTime ge ${since} and status ne 'Resolved'`,
    );

    expect(body.value.map((alert) => alert.id)).toEqual(["da1_1"]);
  });
});
