import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collection, isolation, simulatedDefender } from "./simulated-defender.ts";

/** Payloads printed in Microsoft's documentation, kept beside the project and not part of it. */
const fixtures = new URL("../../../../shared/fixtures/defender/", import.meta.url);
const fixture = (name: string) => JSON.parse(readFileSync(new URL(name, fixtures), "utf8"));

/** Printed under a name the live service does not use. */
const OLD_NAMES = ["lastUpdateTimeUtc"];

const keysOf = (entity: object) => Object.keys(entity).filter((key) => !OLD_NAMES.includes(key));

describe.runIf(existsSync(fixtures))("compared with Microsoft's samples", () => {
  let defender: Awaited<ReturnType<typeof simulatedDefender>>;
  let machineId: string;
  let alertId: string;

  beforeAll(async () => {
    defender = await simulatedDefender({ settings: { throttling: false } });
    ({ id: machineId } = await defender.control.addMachine());
    const { relatedUser } = fixture("alert.get.response.json");
    const evidence = [{ entityType: "User" }];
    ({ id: alertId } = await defender.control.addAlert({ machineId, relatedUser, evidence }));
    await defender.call("PATCH", `/api/alerts/${alertId}`, { comment: "Looked at" });
    await defender.call("POST", `/api/machines/${machineId}/isolate`, isolation);
    await defender.call("POST", `/api/machines/${machineId}/collectInvestigationPackage`, collection);
  });
  afterAll(() => defender.close());

  const get = async (path: string) => (await defender.call("GET", path)).body;

  test("a machine has every field of theirs", async () => {
    expect(Object.keys(await get(`/api/machines/${machineId}`))).toEqual(
      expect.arrayContaining(keysOf(fixture("machine.get.response.json"))),
    );
    for (const name of ["machines.list.response.json", "machines.list.filter-health.response.json"]) {
      const [machine = {}] = (await get("/api/machines")).value;
      expect(Object.keys(machine)).toEqual(expect.arrayContaining(keysOf(fixture(name).value[0])));
    }
  });

  test("an alert, its comments and its evidence have every field of theirs", async () => {
    const theirs = fixture("alert.get.response.json");
    const ours = await get(`/api/alerts/${alertId}`);

    expect(Object.keys(ours)).toEqual(expect.arrayContaining(keysOf(theirs)));
    for (const part of ["comments", "evidence"] as const) {
      const [row = {}] = ours[part] as object[];
      expect(Object.keys(row).sort()).toEqual(keysOf(theirs[part][0]).sort());
    }
    const [listed = {}] = (await get("/api/alerts")).value;
    expect(Object.keys(listed)).toEqual(expect.arrayContaining(keysOf(fixture("alerts.list.response.json").value[0])));
  });

  test("a machine action has every field of theirs", async () => {
    const [listed = { id: "" }] = (await get("/api/machineactions")).value;

    expect(Object.keys(listed)).toEqual(
      expect.arrayContaining(keysOf(fixture("machineactions.list.response.json").value[0])),
    );
    expect(Object.keys(await get(`/api/machineactions/${listed.id}`))).toEqual(
      expect.arrayContaining(keysOf(fixture("machineaction.get.response.json"))),
    );
  });

  test("a refusal has exactly their fields", async () => {
    const theirs = fixture("error.ResourceNotFound.response.json");

    expect(Object.keys((await get("/api/machines/123123123")).error)).toEqual(Object.keys(theirs.error));
  });

  test.each([
    ["isolate", "isolate.request.json"],
    ["unisolate", "unisolate.request.json"],
    ["collectInvestigationPackage", "collectInvestigationPackage.request.json"],
    ["restrictCodeExecution", "restrictCodeExecution.request.json"],
    ["runAntiVirusScan", "runAntiVirusScan.request.json"],
  ])("%s takes their request", async (name, file) => {
    const { id } = await defender.control.addMachine();

    expect((await defender.call("POST", `/api/machines/${id}/${name}`, fixture(file))).status).toBe(201);
  });

  test("an alert takes their update, if it may pair a classification with a determination as the sample does", async () => {
    const { determinations } = await defender.control.settings();
    await defender.control.settings({ determinations: { ...determinations, FalsePositive: ["Malware"] } });
    const { id } = await defender.control.addAlert();
    const theirs = fixture("alert.update.request.json");
    const { status, body } = await defender.call("PATCH", `/api/alerts/${id}`, theirs);

    expect([status, body.status, body.assignedTo]).toEqual([200, theirs.status, theirs.assignedTo]);
  });
});
