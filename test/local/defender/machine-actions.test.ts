import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { collection, days, isolation, minutes, release, simulatedDefender } from "./simulated-defender.ts";

const machineId = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
});
afterAll(() => defender.close());
beforeEach(async () => {
  defender.clock.restart();
  await defender.control.reset();
  await defender.control.addMachine({ id: machineId, computerDnsName: "web-1.contoso.example" });
});

const post = (name: string, body: object) => defender.call("POST", `/api/machines/${machineId}/${name}`, body);
const read = async (id: string) => (await defender.call("GET", `/api/machineactions/${id}`)).body;
const isolationNow = async () => (await defender.control.machine(machineId)).isolation;

describe("a response action", () => {
  test.each([
    ["isolate", isolation, "Isolate", "Full"],
    ["unisolate", release, "Unisolate", null],
    ["collectInvestigationPackage", collection, "CollectInvestigationPackage", null],
    ["restrictCodeExecution", release, "RestrictCodeExecution", null],
    ["unrestrictCodeExecution", release, "UnrestrictCodeExecution", null],
    ["runAntiVirusScan", { Comment: "Scan", ScanType: "Quick" }, "RunAntiVirusScan", "Quick"],
  ])("%s makes a pending machine action", async (name, body, type, scope) => {
    expect(await post(name, body)).toMatchObject({
      status: 201,
      body: {
        type,
        scope,
        status: "Pending",
        machineId,
        computerDnsName: "web-1.contoso.example",
        requestor: defender.clientId,
        requestorComment: body.Comment,
        requestSource: "PublicApi",
        creationDateTimeUtc: "2026-01-05T09:00:00.0000000Z",
      },
    });
  });

  test("StopAndQuarantineFile keeps the file it is about", async () => {
    const sha1 = "87662bc3d60e4200ceaf7aae249d1c343f4b83c9";

    expect((await post("StopAndQuarantineFile", { Comment: "Bad", Sha1: sha1 })).body.relatedFileInfo).toEqual({
      fileIdentifier: sha1,
      fileIdentifierType: "Sha1",
    });
    expect(await post("StopAndQuarantineFile", { Comment: "Bad", Sha1: "abc" })).toMatchObject({
      status: 400,
      body: { error: { code: "InvalidHashValue" } },
    });
  });

  test.each([
    [{}, "MissingRequiredParameter"],
    [{ Comment: "" }, "MissingRequiredParameter"],
    [{ comment: "x", IsolationType: "Full" }, "InvalidRequestBody"],
    [{ Comment: "x", isolationType: "Full" }, "InvalidRequestBody"],
    [{ Comment: "x", IsolationType: "full" }, "InvalidInput"],
    [{ Comment: 7 }, "InvalidRequestBody"],
    [undefined, "InvalidRequestBody"],
  ])("isolate does not take %j", async (body, code) => {
    expect(await post("isolate", body as object)).toMatchObject({ status: 400, body: { error: { code } } });
    expect((await defender.control.state()).machineActions).toEqual([]);
  });

  test("isolate does not take a machine's name for its id", async () => {
    expect((await defender.call("POST", "/api/machines/web-1.contoso.example/isolate", isolation)).status).toBe(404);
  });

  test("is refused while one of the same type is open on the machine, and possible again afterwards", async () => {
    await post("isolate", isolation);

    expect(await post("isolate", isolation)).toMatchObject({
      status: 400,
      body: { error: { code: "ActiveRequestAlreadyExists", message: "Action is already in progress" } },
    });
    expect((await post("collectInvestigationPackage", collection)).status).toBe(201);
    defender.clock.advance(900);
    expect((await post("isolate", isolation)).status).toBe(201);
  });

  test("can be answered without machine and scope, as the live service has done", async () => {
    await defender.control.settings({ sparseNewActions: true });
    const { body } = await post("isolate", isolation);

    expect(body).toMatchObject({ machineId: null, computerDnsName: null, scope: null });
    expect(await read(body.id)).toMatchObject({ machineId, scope: "Full" });
  });
});

describe("a machine action", () => {
  test("is Pending, then InProgress, then Succeeded", async () => {
    const { body } = await post("isolate", isolation);
    const seen = [];
    for (const wait of [299, 1, 599, 1, days(30)]) {
      defender.clock.advance(wait);
      const { status, lastUpdateDateTimeUtc } = await read(body.id);
      seen.push([status, lastUpdateDateTimeUtc]);
    }

    expect(seen).toEqual([
      ["Pending", "2026-01-05T09:00:00.0000000Z"],
      ["InProgress", "2026-01-05T09:00:00.3000000Z"],
      ["InProgress", "2026-01-05T09:00:00.3000000Z"],
      ["Succeeded", "2026-01-05T09:00:00.9000000Z"],
      ["Succeeded", "2026-01-05T09:00:00.9000000Z"],
    ]);
  });

  test("takes as long as its type was told to", async () => {
    await defender.control.settings({
      actionDelays: { inProgressAfterMs: 0, finalAfterMs: 0 },
      actionDelaysByType: { CollectInvestigationPackage: { inProgressAfterMs: 1000, finalAfterMs: minutes(5) } },
    });
    const [isolating, collecting] = [
      await post("isolate", isolation),
      await post("collectInvestigationPackage", collection),
    ];
    defender.clock.advance(minutes(4));

    expect(isolating.body.status).toBe("Pending");
    expect((await read(isolating.body.id)).status).toBe("Succeeded");
    expect((await read(collecting.body.id)).status).toBe("InProgress");
  });

  test("waits for an offline machine and starts when it is back", async () => {
    await defender.control.setOffline(machineId);
    const { body } = await post("isolate", isolation);
    defender.clock.advance(days(2));
    expect((await read(body.id)).status).toBe("Pending");

    await defender.control.setOffline(machineId, false);
    defender.clock.advance(300);
    expect((await read(body.id)).status).toBe("InProgress");
    defender.clock.advance(600);
    expect((await read(body.id)).status).toBe("Succeeded");
  });

  test("waits again when the machine leaves before it has begun", async () => {
    const { body } = await post("isolate", isolation);
    defender.clock.advance(200);
    await defender.control.setOffline(machineId);
    defender.clock.advance(minutes(10));

    expect((await read(body.id)).status).toBe("Pending");
  });

  test("is given up after three days of waiting, and stays so when the machine returns", async () => {
    await defender.control.setOffline(machineId);
    const { body } = await post("isolate", isolation);
    defender.clock.advance(days(3) - 1);
    expect((await read(body.id)).status).toBe("Pending");
    defender.clock.advance(1);
    await defender.control.setOffline(machineId, false);

    expect(await read(body.id)).toMatchObject({
      status: "TimeOut",
      errorHResult: -2145844840,
      lastUpdateDateTimeUtc: "2026-01-08T09:00:00.0000000Z",
    });
    expect(await isolationNow()).toBeNull();
  });

  test("fails where it was told to, and only there", async () => {
    await defender.control.failAction(machineId, "Isolate");
    const [isolating, collecting] = [
      await post("isolate", isolation),
      await post("collectInvestigationPackage", collection),
    ];
    defender.clock.advance(minutes(1));

    expect(await read(isolating.body.id)).toMatchObject({ status: "Failed", errorHResult: -2147467259 });
    expect((await read(collecting.body.id)).status).toBe("Succeeded");
    expect(await isolationNow()).toBeNull();
  });

  test("can be cancelled while it is open", async () => {
    const { body } = await post("isolate", isolation);
    const cancelled = await defender.call("POST", `/api/machineactions/${body.id}/cancel`, { Comment: "False alarm" });
    defender.clock.advance(minutes(1));

    expect(cancelled).toMatchObject({ status: 200, body: { status: "Cancelled" } });
    expect(await read(body.id)).toMatchObject({
      status: "Cancelled",
      cancellationRequestor: defender.clientId,
      cancellationComment: "False alarm",
      cancellationDateTimeUtc: "2026-01-05T09:00:00.0000000Z",
      errorHResult: -2147467260,
    });
  });

  test("cannot be cancelled once it is final", async () => {
    const { body } = await post("isolate", isolation);
    defender.clock.advance(900);

    expect(await defender.call("POST", `/api/machineactions/${body.id}/cancel`, { Comment: "Too late" })).toMatchObject(
      {
        status: 400,
        body: { error: { code: "BadRequest" } },
      },
    );
  });

  test("that nobody knows is not found", async () => {
    expect((await defender.call("GET", "/api/machineactions/5382f7ea-7557-4ab7-9782-d50480024a4e")).status).toBe(404);
  });
});

describe("isolation", () => {
  test("begins and ends with the machine actions that succeed", async () => {
    const seen = [];
    for (const [name, body] of [
      ["isolate", isolation],
      ["unisolate", release],
    ] as const) {
      await post(name, body);
      seen.push(await isolationNow());
      defender.clock.advance(900);
      seen.push(await isolationNow());
    }

    expect(seen).toEqual([null, "Full", "Full", null]);
  });
});

describe("the list of machine actions", () => {
  test("is newest first and follows the time", async () => {
    await post("isolate", isolation);
    defender.clock.advance(500);
    await post("collectInvestigationPackage", collection);
    const { body } = await defender.call("GET", "/api/machineactions");

    expect(body.value.map(({ type, status }) => [type, status])).toEqual([
      ["CollectInvestigationPackage", "Pending"],
      ["Isolate", "InProgress"],
    ]);
  });

  test("can be asked for what is open on a machine", async () => {
    const other = await defender.control.addMachine();
    await post("isolate", isolation);
    await defender.call("POST", `/api/machines/${other.id}/isolate`, isolation);
    defender.clock.advance(900);
    await post("unisolate", release);
    const open = "(status eq 'Pending' or status eq 'InProgress')";
    const [here, everywhere] = await Promise.all([
      defender.call("GET", `/api/machineactions?$filter=machineId eq '${machineId}' and ${open}`),
      defender.call("GET", "/api/machineactions?$filter=type eq 'Isolate' and status eq 'Succeeded'&$top=10"),
    ]);

    expect(here.body.value.map(({ type }) => type)).toEqual(["Unisolate"]);
    expect(everywhere.body.value).toHaveLength(2);
  });
});
