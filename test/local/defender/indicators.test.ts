import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { days, type Row, simulatedDefender } from "./simulated-defender.ts";

let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
});
afterAll(() => defender.close());
beforeEach(() => defender.control.reset());

const domain = {
  indicatorValue: "evil.example",
  indicatorType: "DomainName",
  action: "Block",
  title: "Command and control",
  description: "Seen in alert da1",
};
const file = (number: number) => ({
  ...domain,
  indicatorType: "FileSha1",
  indicatorValue: number.toString(16).padStart(40, "0"),
});
const submit = (changes: object = {}) => defender.call("POST", "/api/indicators", { ...domain, ...changes });
const list = async (query = "") => (await defender.call("GET", `/api/indicators${query}`)).body.value;

describe("an indicator", () => {
  test("is created once for a value and type, and updated from then on but for its application", async () => {
    const first = await submit({ application: "runbook" });
    const second = await submit({
      indicatorValue: "EVIL.example",
      action: "Audit",
      generateAlert: true,
      application: "x",
    });

    expect(first).toMatchObject({
      status: 200,
      body: { ...domain, createdBy: defender.clientId, sourceType: "AadApp" },
    });
    expect(second.body).toMatchObject({ id: first.body.id, action: "Audit", application: "runbook" });
    expect(await list()).toHaveLength(1);
  });

  test("is a second one with another action, if the tenant sees it so", async () => {
    await defender.control.settings({ actionMakesNewIndicator: true });
    await submit();
    await submit({ action: "Allowed" });

    expect((await list()).map(({ action }) => action)).toEqual(["Block", "Allowed"]);
  });

  test.each([
    [{ action: "Audit" }, "InvalidInput"],
    [{ action: "BlockAndRemediate" }, "InvalidInput"],
    [{ action: "Alert" }, "InvalidInput"],
    [{ expirationTime: "2026-01-05T08:59:59Z" }, "InvalidInput"],
    [{ title: undefined }, "MissingRequiredParameter"],
    [{ IndicatorValue: "x" }, "InvalidRequestBody"],
    [{ indicatorValue: "not a domain" }, "InvalidDomainName"],
    [{ indicatorType: "IpAddress", indicatorValue: "198.51.100.0/24" }, "InvalidIpAddress"],
    [{ indicatorType: "IpAddress", indicatorValue: "2001:db8::1" }, "InvalidIpAddress"],
    [{ indicatorType: "FileSha1", indicatorValue: "abc" }, "InvalidHashValue"],
    [{ indicatorType: "Url", indicatorValue: "not a url" }, "InvalidUrl"],
    [{ indicatorType: "CertificateThumbprint", indicatorValue: "0".repeat(40), action: "Block" }, "InvalidInput"],
  ])("is not taken with %j", async (changes, code) => {
    expect(await submit(changes)).toMatchObject({ status: 400, body: { error: { code } } });
    expect(await list()).toEqual([]);
  });

  test("of the old names is taken where the tenant still knows them", async () => {
    await defender.control.settings({ legacyIndicatorActions: true });

    expect((await submit({ action: "Alert" })).status).toBe(200);
  });

  test("is listed until it expires, and found by its value", async () => {
    await submit({ expirationTime: "2026-01-06T09:00:00Z" });
    await defender.call("POST", "/api/indicators", file(1));
    const filter = encodeURIComponent("indicatorValue eq 'evil.example' and generateAlert eq false");

    expect(await list(`?$filter=${filter}`)).toMatchObject([{ indicatorValue: "evil.example" }]);
    await defender.control.advanceClock(days(2));
    expect(await list()).toMatchObject([{ indicatorType: "FileSha1" }]);
  });

  test("is deleted, once", async () => {
    const { id } = (await submit()).body;

    expect(await defender.call("DELETE", `/api/indicators/${id}`)).toMatchObject({ status: 204, body: undefined });
    expect((await defender.call("DELETE", `/api/indicators/${id}`)).status).toBe(404);
    expect((await submit()).body.id).not.toBe(id);
  });
});

describe("an import", () => {
  const load = (...Indicators: object[]) => defender.call("POST", "/api/indicators/import", { Indicators });

  test("answers for every item, also for those it does not take", async () => {
    const { status, body } = await load(file(1), { ...file(2), action: "Audit" }, {});

    expect(status).toBe(200);
    expect(body.value).toEqual([
      { id: "1", indicator: file(1).indicatorValue, isFailed: false, failureReason: null },
      { id: null, indicator: file(2).indicatorValue, isFailed: true, failureReason: expect.stringContaining("Audit") },
      { id: null, indicator: null, isFailed: true, failureReason: expect.stringContaining("indicatorValue") },
    ]);
  });

  test("of more than 500 is refused", async () => {
    const { body } = await load(...Array.from({ length: 501 }, (_, number) => file(number)));

    expect(body.error.code).toBe("MaximumBatchSizeExceeded");
  });

  test("ends where the tenant is full; what has expired makes room", async () => {
    await defender.control.settings({ indicatorCapacity: 2 });
    const soon = "2026-01-05T10:00:00Z";
    const isFailed = ({ body }: { body: { value: Row[] } }) => body.value.map((item) => item.isFailed);

    expect(isFailed(await load(file(1), { ...file(2), expirationTime: soon }, file(3)))).toEqual([false, false, true]);
    await defender.control.advanceClock(days(1));
    expect(isFailed(await load(file(3)))).toEqual([false]);
  });
});

describe("a batch delete", () => {
  const remove = (...IndicatorIds: string[]) => defender.call("POST", "/api/indicators/BatchDelete", { IndicatorIds });

  beforeEach(async () => {
    for (const number of [1, 2]) await defender.call("POST", "/api/indicators", file(number));
  });

  test("takes all of them away", async () => {
    expect((await remove("1", "2")).status).toBe(204);
    expect(await list()).toEqual([]);
  });

  test("with one that is missing takes away none, or all others: both are possible", async () => {
    expect((await remove("1", "9")).status).toBe(404);
    expect(await list()).toHaveLength(2);

    await defender.control.settings({ indicatorBatchWithUnknownIds: "deleteOthers" });
    expect((await remove("1", "9")).status).toBe(404);
    expect(await list()).toHaveLength(1);
  });

  test.each([[[]], [["x"]], [Array(501).fill("1")]])("of %j is refused", async (ids: string[]) => {
    expect((await remove(...ids)).status).toBe(400);
  });
});

test("an app with Ti.ReadWrite sees and changes only what it created", async () => {
  const { id } = (await submit()).body;
  const other = defender.callAs(["Ti.ReadWrite"], { clientId: "other-app" });
  await other("POST", "/api/indicators", file(1));
  const theirs = (await other("GET", "/api/indicators")).body.value;

  expect(theirs.map(({ createdBy }) => createdBy)).toEqual(["other-app"]);
  expect((await other("DELETE", `/api/indicators/${id}`)).status).toBe(404);
  expect((await other("POST", "/api/indicators", domain)).status).toBe(403);
  expect(await list()).toHaveLength(2);
});
