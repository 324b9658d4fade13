import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { days, isolation, minutes, release, seconds, simulatedDefender } from "./simulated-defender.ts";

const machineId = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
const comment = { Comment: "Because of alert da1" };
const containment = { ...comment, IsolationType: "UnManagedDevice" };
const quarantine = { ...comment, Sha1: "87662bc3d60e4200ceaf7aae249d1c343f4b83c9" };
let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
});
afterAll(() => defender.close());
beforeEach(async () => {
  defender.clock.restart();
  await defender.control.reset();
});

const setUp = (machine: object = {}) => defender.control.addMachine({ id: machineId, ...machine });
const post = (name: string, body: object) => defender.call("POST", `/api/machines/${machineId}/${name}`, body);
const read = (id: string) => defender.call("GET", `/api/machineactions/${id}`);
const statusOf = async (id: string) => (await read(id)).body.status;
const stateNow = () => defender.control.machine(machineId);

describe("a device that is not onboarded", () => {
  test("can be contained, and let go again", async () => {
    await setUp({ onboardingStatus: "CanBeOnboarded" });
    expect(await post("isolate", containment)).toMatchObject({
      status: 201,
      body: { type: "Isolate", scope: "UnManagedDevice" },
    });
    defender.clock.advance(900);
    expect((await stateNow()).isolation).toBe("UnManagedDevice");

    await post("unisolate", release);
    defender.clock.advance(900);
    expect((await stateNow()).isolation).toBeNull();
  });

  test.each([
    ["isolate", isolation],
    ["isolate", { ...isolation, IsolationType: "Selective" }],
    ["runAntiVirusScan", { ...comment, ScanType: "Quick" }],
    ["restrictCodeExecution", comment],
    ["StopAndQuarantineFile", quarantine],
    ["collectInvestigationPackage", comment],
    ["offboard", comment],
    ["startInvestigation", comment],
  ])("refuses %s %j", async (name, body) => {
    await setUp({ onboardingStatus: "CanBeOnboarded" });
    const { status, body: answer } = await post(name, body);

    expect([status, answer.error.code]).toEqual([400, "BadRequest"]);
    expect(answer.error.message).toContain("is not onboarded");
  });
});

test("a managed device cannot be contained as if it were not", async () => {
  await setUp();
  const { status, body } = await post("isolate", containment);

  expect([status, body.error.code]).toEqual([400, "BadRequest"]);
  expect(body.error.message).toContain("is onboarded");
});

test.each([
  ["offboard", comment, "macOS"],
  ["offboard", comment, "Linux"],
  ["restrictCodeExecution", comment, "macOS"],
  ["StopAndQuarantineFile", quarantine, "Linux"],
  ["isolate", { ...isolation, IsolationType: "Selective" }, "macOS"],
  ["startInvestigation", comment, "Linux"],
])("%s %j is not supported on %s", async (name, body, osPlatform) => {
  await setUp({ osPlatform });

  expect(await post(name, body)).toMatchObject({ status: 400, body: { error: { code: "OsPlatformNotSupported" } } });
});

test("isolating fully, scanning and collecting work on macOS and Linux", async () => {
  await setUp({ osPlatform: "macOS" });
  const answers = [
    await post("isolate", isolation),
    await post("runAntiVirusScan", { ...comment, ScanType: "Full" }),
    await post("collectInvestigationPackage", comment),
  ];

  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
});

test("an offboarded machine carries nothing out any more", async () => {
  await setUp();
  expect((await post("offboard", {})).body.error.code).toBe("MissingRequiredParameter");
  await post("offboard", comment);
  defender.clock.advance(900);
  expect((await stateNow()).offboarded).toBe(true);

  const { body } = await post("isolate", isolation);
  defender.clock.advance(days(1));
  expect(await statusOf(body.id)).toBe("Pending");
  defender.clock.advance(days(2));
  expect(await statusOf(body.id)).toBe("TimeOut");
});

test("a restriction is in effect from its end to the end of what lifts it", async () => {
  await setUp();
  const seen = [];
  for (const name of ["restrictCodeExecution", "unrestrictCodeExecution"]) {
    await post(name, comment);
    seen.push((await stateNow()).restricted);
    defender.clock.advance(900);
    seen.push((await stateNow()).restricted);
  }

  expect(seen).toEqual([false, true, true, false]);
});

describe("a second request while one of its type is open", () => {
  test("is answered with the open one, where Defender does so", async () => {
    await setUp();
    await defender.control.settings({ duplicateActions: "returnOpen" });
    const [one, two] = [await post("isolate", isolation), await post("isolate", isolation)];

    expect([one.status, two.status]).toEqual([201, 201]);
    expect(two.body.id).toBe(one.body.id);
  });

  test("is refused in any case for a collection", async () => {
    await setUp();
    await defender.control.settings({ duplicateActions: "returnOpen" });
    await post("collectInvestigationPackage", comment);

    expect((await post("collectInvestigationPackage", comment)).body.error.code).toBe("ActiveRequestAlreadyExists");
  });

  test("does not hinder another machine", async () => {
    await setUp();
    const { id } = await defender.control.addMachine();
    await post("isolate", isolation);

    expect((await defender.call("POST", `/api/machines/${id}/isolate`, isolation)).status).toBe(201);
  });
});

describe("a release asked for while the isolation is open", () => {
  const slowIsolation = { Isolate: { inProgressAfterMs: 300, finalAfterMs: minutes(2) } };

  test("is taken in and waits its turn", async () => {
    await setUp();
    await defender.control.settings({ actionDelaysByType: slowIsolation });
    const isolating = (await post("isolate", isolation)).body.id;
    const releasing = await post("unisolate", release);
    expect(releasing.status).toBe(201);

    defender.clock.advance(minutes(2) - 1);
    expect([await statusOf(isolating), await statusOf(releasing.body.id)]).toEqual(["InProgress", "Pending"]);
    defender.clock.advance(1);
    expect((await stateNow()).isolation).toBe("Full");
    defender.clock.advance(900);
    expect([await statusOf(releasing.body.id), (await stateNow()).isolation]).toEqual(["Succeeded", null]);
  });

  test("moves up when the isolation is cancelled", async () => {
    await setUp();
    await defender.control.settings({ actionDelaysByType: slowIsolation });
    const isolating = (await post("isolate", isolation)).body.id;
    const releasing = (await post("unisolate", release)).body.id;
    await defender.call("POST", `/api/machineactions/${isolating}/cancel`, comment);
    defender.clock.advance(900);

    expect(await statusOf(releasing)).toBe("Succeeded");
  });

  test("waits with the isolation for an offline machine, which then does both in order", async () => {
    await setUp({ offline: true });
    await post("isolate", isolation);
    const releasing = (await post("unisolate", release)).body.id;
    defender.clock.advance(days(1));
    await defender.control.setOffline(machineId, false);
    defender.clock.advance(900);
    expect([await statusOf(releasing), (await stateNow()).isolation]).toEqual(["Pending", "Full"]);

    defender.clock.advance(900);
    expect([await statusOf(releasing), (await stateNow()).isolation]).toEqual(["Succeeded", null]);
  });

  test("can be overtaken, which leaves the machine isolated", async () => {
    await setUp();
    await defender.control.settings({ competingActions: "independent", actionDelaysByType: slowIsolation });
    await post("isolate", isolation);
    const releasing = (await post("unisolate", release)).body.id;
    defender.clock.advance(900);
    expect([await statusOf(releasing), (await stateNow()).isolation]).toEqual(["Succeeded", null]);

    defender.clock.advance(minutes(2));
    expect((await stateNow()).isolation).toBe("Full");
  });
});

test("a second isolation of an isolated machine can be made to end after a later release, as has been seen", async () => {
  await setUp();
  await defender.control.settings({ competingActions: "independent" });
  await post("isolate", isolation);
  defender.clock.advance(900);
  const second = await post("isolate", isolation);
  expect(second.status).toBe(201);
  await defender.control.steerAction(second.body.id, { inProgressAfterMs: minutes(10), finalAfterMs: minutes(11) });
  await post("unisolate", release);

  defender.clock.advance(seconds(1));
  expect([await statusOf(second.body.id), (await stateNow()).isolation]).toEqual(["Pending", null]);
  defender.clock.advance(minutes(11));
  expect([await statusOf(second.body.id), (await stateNow()).isolation]).toEqual(["Succeeded", "Full"]);
});

describe("a machine action that is steered", () => {
  test.each(["Succeeded", "Failed", "TimeOut"] as const)("ends in %s when it is told to", async (outcome) => {
    await setUp({ offline: true });
    const { body } = await post("isolate", isolation);
    await defender.control.steerAction(body.id, { outcome });

    expect(await statusOf(body.id)).toBe(outcome);
  });

  test("cannot be, once it has ended", async () => {
    await setUp();
    const { body } = await post("isolate", isolation);
    defender.clock.advance(900);

    await expect(defender.control.steerAction(body.id)).rejects.toThrow("is Succeeded already");
  });
});

describe("a new machine action that Defender does not show yet", () => {
  beforeEach(async () => {
    await setUp();
    await defender.control.settings({ newActionsVisibleAfterMs: minutes(2) });
  });
  const listed = async () => (await defender.call("GET", "/api/machineactions")).body.value.map(({ id }) => id);

  test("is not found and not listed, until it is", async () => {
    const { body } = await post("isolate", isolation);
    defender.clock.advance(minutes(2) - 1);
    expect([(await read(body.id)).status, await listed()]).toEqual([404, []]);

    defender.clock.advance(1);
    expect([(await read(body.id)).status, await listed()]).toEqual([200, [body.id]]);
  });

  test("is in the way of another all the same, and cannot be cancelled", async () => {
    const { body } = await post("isolate", isolation);

    expect((await post("isolate", isolation)).body.error.code).toBe("ActiveRequestAlreadyExists");
    expect((await defender.call("POST", `/api/machineactions/${body.id}/cancel`, comment)).status).toBe(404);
  });
});

describe("the list of machine actions", () => {
  test("comes in the order and the pages asked for", async () => {
    await setUp();
    for (const name of ["isolate", "collectInvestigationPackage", "restrictCodeExecution"]) {
      await post(name, comment);
      defender.clock.advance(100);
    }
    const typesOf = async (query: string) =>
      (await defender.call("GET", `/api/machineactions?${query}`)).body.value.map(({ type }) => type);

    expect(await typesOf("$orderby=creationDateTimeUtc asc&$top=2")).toEqual([
      "Isolate",
      "CollectInvestigationPackage",
    ]);
    expect(await typesOf("$orderby=creationDateTimeUtc asc&$top=2&$skip=2")).toEqual(["RestrictCodeExecution"]);
    const since = "2026-01-05T09:00:00.1000000Z";
    expect(await typesOf(`$filter=creationDateTimeUtc ge ${since} and type ne 'Isolate'`)).toHaveLength(2);
  });
});

describe("cancelling", () => {
  test.each([
    [["Machine.Scan"], 200],
    [["Machine.LiveResponse"], 200],
    [["Machine.ReadWrite.All"], 403],
  ])("with %j answers %s, whatever the action", async (roles, status) => {
    await setUp({ offline: true });
    const { body } = await post("isolate", isolation);
    const answer = await defender.callAs(roles)("POST", `/api/machineactions/${body.id}/cancel`, comment);

    expect(answer.status).toBe(status);
  });

  test("tells which permissions would do", async () => {
    const { body } = await defender.callAs(["Machine.Read.All"])(
      "POST",
      `/api/machines/${machineId}/isolate`,
      isolation,
    );

    expect(body.error).toMatchObject({
      code: "Forbidden",
      message:
        "The application does not have any of the required application permissions (Machine.Isolate) to access the resource.",
    });
  });
});
