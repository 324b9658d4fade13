import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { simulatedDefender } from "./simulated-defender.ts";

const machineId = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
});
afterAll(() => defender.close());
beforeEach(() => defender.control.reset());

const statuses = async () => (await defender.control.state()).alerts.map(({ status }) => status);

describe("a verdict", () => {
  test.each([
    [{ classification: "TruePositive", determination: "Malware" }, 200],
    [{ classification: "FalsePositive", determination: "Clean" }, 200],
    [{ classification: "FalsePositive", determination: "NotMalicious" }, 200],
    [{ classification: "FalsePositive", determination: "Malware" }, 400],
    [{ classification: "TruePositive", determination: "Apt" }, 400],
  ])("%j is answered with %i", async (verdict, status) => {
    const { id } = await defender.control.addAlert();

    expect((await defender.call("PATCH", `/api/alerts/${id}`, verdict)).status).toBe(status);
  });

  test("has the names the tenant takes", async () => {
    const { id } = await defender.control.addAlert();
    await defender.control.settings({ determinations: { FalsePositive: ["NoEnoughDataToValidate"] } });
    const verdict = { classification: "FalsePositive", determination: "NoEnoughDataToValidate" };

    expect((await defender.call("PATCH", `/api/alerts/${id}`, verdict)).body).toMatchObject(verdict);
  });
});

describe("a batch of alerts", () => {
  const update = (...alertIds: string[]) =>
    defender.call("POST", "/api/alerts/batchUpdate", { alertIds, status: "Resolved" });

  beforeEach(async () => {
    await defender.control.addAlerts([{ id: "da1_1" }, { id: "da2_2" }]);
  });

  test("is updated without a body in the answer", async () => {
    expect(await update("da1_1", "da2_2")).toMatchObject({ status: 200, body: undefined });
    expect(await statuses()).toEqual(["Resolved", "Resolved"]);
  });

  test("with an unknown alert is updated but for that one, or refused", async () => {
    expect((await update("da1_1", "da9_9")).status).toBe(200);
    await defender.control.settings({ alertBatchWithUnknownIds: "refuse" });
    expect((await update("da2_2", "da9_9")).status).toBe(404);
    expect(await statuses()).toEqual(["Resolved", "New"]);
  });
});

describe("an alert for an event", () => {
  const eventTime = "2026-01-05T08:59:21.7115183Z";
  const order = {
    machineId,
    eventTime,
    reportId: "20776",
    severity: "Low",
    title: "Seen by us",
    description: "A hunt found it",
    recommendedAction: "Look",
    category: "Exploit",
  };
  const create = (changes: object = {}) =>
    defender.call("POST", "/api/alerts/CreateAlertByReference", { ...order, ...changes });

  beforeEach(async () => {
    await defender.control.addMachine({ id: machineId });
    await defender.control.addHuntingAnswer({
      contains: "DeviceProcessEvents",
      rows: [{ Timestamp: eventTime, DeviceId: machineId, ReportId: 20776 }],
    });
  });

  test("that hunting showed is created on its machine", async () => {
    expect(await create()).toMatchObject({
      status: 200,
      body: { machineId, title: "Seen by us", severity: "Low", status: "New", firstEventTime: eventTime },
    });
  });

  test("is added to the open alert of that title on the machine, and anew once that is resolved", async () => {
    const { id } = (await create()).body;
    expect((await create()).body.id).toBe(id);

    await defender.call("PATCH", `/api/alerts/${id}`, { status: "Resolved" });
    expect((await create()).body.id).not.toBe(id);
  });

  test.each([
    [{ eventTime: "2026-01-05T08:59:21.7115184Z" }, 404],
    [{ eventTime: "2026-01-05T08:59:21.711Z" }, 400],
    [{ reportId: "20777" }, 404],
    [{ reportId: 20776 }, 400],
    [{ category: "Sabotage" }, 400],
    [{ severity: "Informational" }, 400],
    [{ title: "" }, 400],
  ])("with %j is answered with %i", async (changes, status) => {
    expect((await create(changes)).status).toBe(status);
  });
});

describe("what an alert is about", () => {
  const sha1 = "8563f95b2f8a284fc99da44500cd51a77c1ff36c";
  const sha256 = "dc0ade0c95d6db98882bc8fa6707e64353cd6f7767ff48d6a81a6c2aef21c608";
  const related = async (what: string) => (await defender.call("GET", `/api/alerts/da1_1/${what}`)).body;

  beforeEach(async () => {
    await defender.control.addMachine({ id: machineId });
    await defender.control.addAlerts([
      {
        id: "da1_1",
        machineId,
        relatedUser: { userName: "ana", domainName: "contoso" },
        evidence: [
          { entityType: "File", sha1, sha256, fileName: "a.dll" },
          { entityType: "Process", sha1, sha256, fileName: "b.exe" },
          { entityType: "Ip", ipAddress: "198.51.100.7" },
          { entityType: "Url", url: "https://evil.example/path" },
        ],
      },
      { id: "da2_2" },
    ]);
  });

  test("is there to be read: machine, user, files, addresses and domains", async () => {
    expect((await related("machine")).id).toBe(machineId);
    expect(await related("user")).toMatchObject({ id: "contoso\\ana", accountName: "ana" });
    expect((await related("files")).value).toMatchObject([{ sha1, sha256 }]);
    expect((await related("ips")).value).toEqual([{ id: "198.51.100.7" }]);
    expect((await related("domains")).value).toEqual([{ host: "evil.example" }]);
  });

  test("is not found where the alert names none", async () => {
    for (const what of ["machine", "user"]) {
      expect((await defender.call("GET", `/api/alerts/da2_2/${what}`)).status).toBe(404);
    }
  });

  test("leads back to it and its machine", async () => {
    const ids = async (path: string) => (await defender.call("GET", `/api/${path}`)).body.value.map(({ id }) => id);

    for (const path of [`files/${sha1}`, "ips/198.51.100.7", "domains/evil.example", "users/ana"]) {
      expect(await ids(`${path}/alerts`)).toEqual(["da1_1"]);
    }
    for (const path of [`files/${sha1}`, "domains/evil.example", "users/ana"]) {
      expect(await ids(`${path}/machines`)).toEqual([machineId]);
    }
  });

  test("is counted in statistics", async () => {
    const stats = async (path: string) => (await defender.call("GET", `/api/${path}/stats?lookBackHours=48`)).body;

    expect(await stats(`files/${sha256}`)).toMatchObject({
      sha1,
      organizationPrevalence: 1,
      topFileNames: ["a.dll", "b.exe"],
    });
    expect(await stats("ips/198.51.100.7")).toMatchObject({ ipAddress: "198.51.100.7", organizationPrevalence: 1 });
    expect(await stats("domains/evil.example")).toMatchObject({ host: "evil.example", organizationPrevalence: 1 });
  });
});

test.each([
  [`files/${"0".repeat(40)}`, 404],
  [`files/${"0".repeat(40)}/stats`, 404],
  [`files/${"0".repeat(40)}/alerts`, 200],
  [`files/${"0".repeat(64)}/alerts`, 400],
  ["files/unknown.exe", 400],
  ["ips/192.0.2.1/alerts", 200],
  ["ips/192.0.2.1/stats", 200],
  ["ips/192.0.2.256/stats", 400],
  ["domains/nowhere.example/stats", 200],
  ["domains/nowhere.example/stats?lookBackHours=721", 400],
  ["users/nobody/alerts", 200],
])("nothing is known of %s: %i", async (path, status) => {
  expect((await defender.call("GET", `/api/${path}`)).status).toBe(status);
});
