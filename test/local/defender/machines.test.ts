import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { simulatedDefender } from "./simulated-defender.ts";

const id = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
});
afterAll(() => defender.close());
beforeEach(() => defender.control.reset());

describe("a machine", () => {
  test("is found by its id, whatever the case and version of the path", async () => {
    await defender.control.addMachine({ id, machineTags: ["critical"], riskScore: "High" });

    for (const path of [`/api/machines/${id}`, `/API/V1.0/Machines/${id.toUpperCase()}`]) {
      const { status, body } = await defender.call("GET", path);
      expect({ status, body }).toMatchObject({
        status: 200,
        body: { id, machineTags: ["critical"], riskScore: "High" },
      });
    }
  });

  test("is found by its full or short name, the one seen last if the name was given twice", async () => {
    await defender.control.addMachines([
      { computerDnsName: "web-1.contoso.example", lastSeen: "2025-01-01T00:00:00.0000000Z" },
      { id, computerDnsName: "WEB-1.contoso.example", lastSeen: "2026-01-01T00:00:00.0000000Z" },
      { computerDnsName: "web-10.contoso.example", lastSeen: "2026-01-02T00:00:00.0000000Z" },
    ]);

    expect((await defender.call("GET", "/api/machines/web-1.contoso.example")).body.id).toBe(id);
    expect((await defender.call("GET", "/api/machines/web-1")).body.id).toBe(id);
  });

  test("that nobody knows is not found, with the id in the message and a correlation id", async () => {
    const { status, body } = await defender.call("GET", "/api/machines/123123123");

    expect(status).toBe(404);
    expect(body.error).toEqual({
      code: "ResourceNotFound",
      message: "Machine 123123123 was not found",
      target: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test("has somebody who logs on to it", async () => {
    await defender.control.addMachine({ id });
    const { body } = await defender.call("GET", `/api/machines/${id}/logonusers`);

    expect(body.value).toMatchObject([
      { id: "contoso\\user-1e5bc9d7", accountName: "user-1e5bc9d7", isDomainAdmin: false },
    ]);
  });

  test("shows its own alerts, newest first", async () => {
    await defender.control.addMachine({ id });
    await defender.control.addAlerts([{ id: "da1_1", machineId: id }, { id: "da2_2" }, { id: "da3_3", machineId: id }]);
    const { body } = await defender.call("GET", `/api/machines/${id}/alerts`);

    expect(body.value.map((alert) => alert.id)).toEqual(["da3_3", "da1_1"]);
  });
});

describe("the list of machines", () => {
  test("is not found while there are none, or none that match", async () => {
    expect((await defender.call("GET", "/api/machines")).status).toBe(404);

    await defender.control.addMachine();
    expect((await defender.call("GET", "/api/machines?$filter=riskScore eq 'High'")).status).toBe(404);
  });

  test("can be filtered", async () => {
    await defender.control.addMachines([
      { id, computerDnsName: "web-1.contoso.example", rbacGroupId: 140 },
      { computerDnsName: "web-2.contoso.example", rbacGroupId: 141 },
      { computerDnsName: "db-1.contoso.example", rbacGroupId: 140 },
    ]);
    const filter = encodeURIComponent("startswith(computerDnsName,'web-') and rbacGroupId eq 140");
    const { body } = await defender.call("GET", `/api/machines?$filter=${filter}`);

    expect(body.value.map((machine) => machine.id)).toEqual([id]);
  });

  test("of more than 10,000 machines comes in pages that link to the next one", async () => {
    await addFleet(10_001);
    const first = await defender.call("GET", "/api/machines?$filter=healthStatus eq 'Active'");
    const link = String(first.body["@odata.nextLink"]);
    const second = await defender.call("GET", link);

    expect(first.body.value).toHaveLength(10_000);
    expect(link).toContain("$skip=10000");
    expect(second.body.value).toHaveLength(1);
    expect(second.body).not.toHaveProperty("@odata.nextLink");
  });

  test("has no link to the next page when a page size was asked for", async () => {
    await addFleet(5);
    const { body } = await defender.call("GET", "/api/machines?$top=2&$skip=3");

    expect(body.value.map(({ computerDnsName }) => computerDnsName)).toEqual(["device-3", "device-4"]);
    expect(body).not.toHaveProperty("@odata.nextLink");
  });

  test.each([
    ["$top=10001", "ODataError"],
    ["$top=many", "ODataError"],
    ["$filter=riskScore like 'High'", "ODataError"],
  ])("refuses %s", async (query, code) => {
    expect(await defender.call("GET", `/api/machines?${query}`)).toMatchObject({
      status: 400,
      body: { error: { code } },
    });
  });

  test.each(["$stop", "$select", "$count", "$expand"])("refuses %s the way the OData layer does", async (option) => {
    const { status, body } = await defender.call("GET", `/api/machines?${option}=x`);

    expect(status).toBe(400);
    expect(body.error).toEqual({ code: "", message: expect.stringContaining(option), details: [] });
  });
});

const addFleet = (size: number) =>
  defender.control.addMachines(Array.from({ length: size }, (_, index) => ({ computerDnsName: `device-${index}` })));
