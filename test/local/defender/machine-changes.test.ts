import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { days, simulatedDefender } from "./simulated-defender.ts";

const id = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
});
afterAll(() => defender.close());
beforeEach(async () => {
  await defender.control.reset();
  defender.clock.restart();
  await defender.control.addMachine({ id, machineTags: ["old"], lastIpAddress: "10.1.2.3" });
});

const find = async (call: string) => {
  const { status, body } = await defender.call("GET", `/api/machines/${call}`);
  return { status, ids: body.value?.map((machine) => machine.id) };
};

describe("machines are found", () => {
  const now = "2026-01-05T09:00:00Z";

  test("by the address they had at a time", async () => {
    expect(await find(`findbyip(ip='10.1.2.3',timestamp=${now})`)).toEqual({ status: 200, ids: [id] });
    expect(await find(`findbyip(ip='10.9.9.9',timestamp=${now})`)).toEqual({ status: 200, ids: [] });
    expect((await find("findbyip(ip='10.1.2.3',timestamp=2025-11-01T00:00:00Z)")).status).toBe(400);
    expect(await find(`find(timestamp=${now},key=10.1.2.3)`)).toEqual({ status: 200, ids: [id] });
    expect((await find(`find(timestamp=${now},key=10.9.9.9)`)).status).toBe(404);
  });

  test("by an address they left, only until a quarter of an hour after", async () => {
    await defender.control.addMachine({ id, lastIpAddress: "10.1.2.3", healthStatus: "Inactive" });
    defender.clock.advance(days(1));

    expect((await find("findbyip(ip='10.1.2.3',timestamp=2026-01-05T09:14:00Z)")).ids).toEqual([id]);
    expect((await find("findbyip(ip='10.1.2.3',timestamp=2026-01-05T09:16:00Z)")).ids).toEqual([]);
  });

  test("by a tag, whole or by its beginning", async () => {
    expect((await find("findbytag?tag=old")).ids).toEqual([id]);
    expect((await find("findbytag?tag=ol")).ids).toEqual([]);
    expect((await find("findbytag?tag=ol&useStartsWithFilter=true")).ids).toEqual([id]);
    expect((await find("findbytag")).status).toBe(400);
  });

  test("by a tag in a filter, in the order asked for", async () => {
    await defender.control.addMachine({ computerDnsName: "a", machineTags: ["old", "new"] });
    const filter = encodeURIComponent("machineTags/any(tag: tag eq 'old')");
    const { body } = await defender.call("GET", `/api/machines?$filter=${filter}&$orderby=computerDnsName desc`);

    expect(body.value.map(({ computerDnsName }) => computerDnsName)).toEqual(["device-1e5bc9d7.contoso.example", "a"]);
  });
});

describe("a machine", () => {
  const tags = async () => (await defender.call("GET", `/api/machines/${id}`)).body.machineTags;
  const post = (path: string, body: object) => defender.call("POST", `/api/machines/${path}`, body);

  test("takes a tag once and gives it back", async () => {
    for (const _ of [1, 2]) await post(`${id}/tags`, { Value: "new", Action: "Add" });
    expect(await tags()).toEqual(["old", "new"]);

    const { body } = await post(`${id}/tags`, { Value: "old", Action: "Remove" });
    expect(body.machineTags).toEqual(["new"]);
  });

  test("takes a device value", async () => {
    expect((await post(`${id}/setDeviceValue`, { DeviceValue: "High" })).body.deviceValue).toBe("High");
    expect((await post(`${id}/setDeviceValue`, { DeviceValue: "Critical" })).status).toBe(400);
    expect((await post(`${id}/setDeviceValue`, { deviceValue: "High" })).body.error.code).toBe("InvalidRequestBody");
  });

  test("has its tags replaced by an update, or added to, as the page says both", async () => {
    await defender.call("PATCH", `/api/machines/${id}`, { machineTags: ["new"], deviceValue: "Low" });
    expect(await tags()).toEqual(["new"]);

    await defender.control.settings({ patchedMachineTags: "add" });
    await defender.call("PATCH", `/api/machines/${id}`, { machineTags: ["newer"] });
    expect(await tags()).toEqual(["new", "newer"]);
  });

  test("gets a tag together with others, all of them or none", async () => {
    const order = { Value: "new", Action: "Add" };
    const unknown = "0".repeat(40);
    const path = "AddOrRemoveTagForMultipleMachines";

    expect((await post(path, { ...order, MachineIds: [id, unknown] })).status).toBe(404);
    expect(await tags()).toEqual(["old"]);
    expect((await post(path, { ...order, MachineIds: [id] })).status).toBe(200);
    expect(await tags()).toEqual(["old", "new"]);
    expect((await post(path, { ...order, MachineIds: Array(501).fill(id) })).body.error).toMatchObject({
      code: "MaximumBatchSizeExceeded",
      message: "The number of MachineIds is 501; the maximum allowed is 500.",
    });
  });
});

test("the alerts of a machine are counted as a bare number", async () => {
  await defender.control.addAlerts([{ machineId: id }, { machineId: id, status: "Resolved" }, {}]);
  const filter = encodeURIComponent("status eq 'New'");

  expect((await defender.call("GET", `/api/machines/${id}/alerts/$count`)).body).toBe(2);
  expect((await defender.call("GET", `/api/machines/${id}/alerts/$count?$filter=${filter}`)).body).toBe(1);
});

test("who logs on to a machine is who was put there", async () => {
  await defender.control.putRows("logonUsers", [
    { machineId: id, id: "contoso\\ana", accountName: "ana", accountDomain: "contoso" },
  ]);
  const { body } = await defender.call("GET", `/api/machines/${id}/logonusers`);

  expect(body.value).toEqual([{ id: "contoso\\ana", accountName: "ana", accountDomain: "contoso" }]);
  expect((await defender.call("GET", "/api/users/ANA/machines")).body.value).toMatchObject([{ id }]);
  expect((await defender.call("GET", "/api/users/ana@contoso.example/machines")).body.value).toEqual([]);
});
