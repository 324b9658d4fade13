import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { callWith, minutes, seconds, simulatedDefender } from "./simulated-defender.ts";

const machineId = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
const put = command("PutFile", { FileName: "tool.exe" });
const script = command("RunScript", { ScriptName: "collect.ps1", Args: "-All" });
const file = command("GetFile", { Path: "C:\\Temp\\result.txt" });
let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
});
afterAll(() => defender.close());
beforeEach(async () => {
  defender.clock.restart();
  await defender.control.reset();
  await defender.control.addMachine({ id: machineId });
  await defender.control.putRows("libraryFiles", [{ fileName: "tool.exe" }, { fileName: "collect.ps1" }]);
});

function command(type: string, params: Record<string, string>) {
  return { type, params: Object.entries(params).map(([key, value]) => ({ key, value })) };
}

const run = (Commands: unknown[], id = machineId) =>
  defender.call("POST", `/api/machines/${id}/runliveresponse`, { Comment: "Because of alert da1", Commands });
const read = async (id: string) => (await defender.call("GET", `/api/machineactions/${id}`)).body;
const linkTo = (id: string, index: number | string) =>
  defender.call("GET", `/api/machineactions/${id}/GetLiveResponseResultDownloadLink(index=${index})`);
const download = async (id: string, index: number) => fetch(String((await linkTo(id, index)).body.value));

/** Status, start and end of every command, in milliseconds after nine. */
async function progress(id: string) {
  const { status, commands } = await read(id);
  const at = (time: unknown) => (time ? Date.parse(String(time)) - Date.parse("2026-01-05T09:00:00Z") : null);
  const rows = (commands as Record<string, unknown>[]).map((row) => [
    row.commandStatus,
    at(row.startTime),
    at(row.endTime),
  ]);
  return [status, ...rows];
}

describe("a session", () => {
  test("runs its commands one after the other", async () => {
    const { status, body } = await run([put, script, file]);
    expect(status).toBe(201);
    expect(body).toMatchObject({ type: "LiveResponse", status: "Pending", machineId });
    expect(body.commands).toEqual(
      [put, script, file].map((sent, index) => ({
        index,
        startTime: null,
        endTime: null,
        commandStatus: "Created",
        errors: [],
        command: sent,
      })),
    );

    defender.clock.advance(500);
    expect(await progress(body.id)).toEqual([
      "InProgress",
      ["Completed", 300, 500],
      ["Created", 500, null],
      ["Created", null, null],
    ]);
    defender.clock.advance(400);
    expect(await progress(body.id)).toEqual([
      "Succeeded",
      ["Completed", 300, 500],
      ["Completed", 500, 700],
      ["Completed", 700, 900],
    ]);
  });

  test("ends with the first command that fails", async () => {
    await defender.control.setLiveResponse(machineId, { failing: { "collect.ps1": "The script timed out." } });
    const { body } = await run([put, script, file]);
    defender.clock.advance(minutes(1));

    expect(await progress(body.id)).toEqual([
      "Failed",
      ["Completed", 300, 500],
      ["Failed", 500, 700],
      ["Created", null, null],
    ]);
    expect((await read(body.id)).commands).toMatchObject([{}, { errors: ["The script timed out."] }, {}]);
    expect([(await linkTo(body.id, 1)).status, (await linkTo(body.id, 2)).status]).toEqual([404, 404]);
  });

  test("lasts as long as its scripts, of which none runs for more than ten minutes", async () => {
    const scripts = { "collect.ps1": { runsForMs: minutes(9) }, "slow.ps1": { runsForMs: minutes(11) } };
    await defender.control.setLiveResponse(machineId, { scripts });
    await defender.control.putRows("libraryFiles", [{ fileName: "slow.ps1" }]);
    const { body } = await run([script, command("RunScript", { ScriptName: "slow.ps1" }), file]);
    defender.clock.advance(minutes(19));
    expect((await read(body.id)).status).toBe("InProgress");
    defender.clock.advance(300);

    expect(await progress(body.id)).toEqual([
      "Failed",
      ["Completed", 300, minutes(9) + 300],
      ["Failed", minutes(9) + 300, minutes(19) + 300],
      ["Created", null, null],
    ]);
  });

  test("can be cancelled, and what has run keeps its result", async () => {
    const { body } = await run([script, file]);
    defender.clock.advance(700);
    await defender.call("POST", `/api/machineactions/${body.id}/cancel`, { Comment: "Enough" });
    defender.clock.advance(minutes(1));

    expect(await progress(body.id)).toEqual(["Cancelled", ["Completed", 300, 600], ["Created", 600, null]]);
    expect([(await linkTo(body.id, 0)).status, (await linkTo(body.id, 1)).status]).toEqual([200, 404]);
  });

  test("waits two hours for an offline machine, and no longer", async () => {
    await defender.control.setOffline(machineId);
    const { body } = await run([file]);
    defender.clock.advance(minutes(120) - 1);
    expect((await read(body.id)).status).toBe("Pending");
    defender.clock.advance(1);

    expect(await read(body.id)).toMatchObject({ status: "TimeOut", errorHResult: -2145844840 });
  });

  test("is taken up when the machine comes back in time", async () => {
    await defender.control.setOffline(machineId);
    const { body } = await run([file]);
    defender.clock.advance(minutes(119));
    await defender.control.setOffline(machineId, false);
    defender.clock.advance(900);

    expect((await read(body.id)).status).toBe("Succeeded");
  });

  test("is the only one of its machine", async () => {
    await run([file]);
    expect(await run([file])).toMatchObject({ status: 400, body: { error: { code: "ActiveRequestAlreadyExists" } } });

    defender.clock.advance(900);
    expect((await run([file])).status).toBe(201);
  });
});

describe("a result", () => {
  test("of a script is a transcript", async () => {
    const scripts = { "collect.ps1": { exitCode: 3, output: "one\ntwo", errors: "no access" } };
    await defender.control.setLiveResponse(machineId, { scripts });
    const { body } = await run([put, script]);
    defender.clock.advance(900);

    expect((await read(body.id)).status).toBe("Succeeded");
    expect(await (await download(body.id, 1)).json()).toEqual({
      script_name: "collect.ps1",
      exit_code: 3,
      script_output: "one\ntwo",
      script_errors: "no access",
    });
  });

  test("of a file comes compressed, with its name", async () => {
    await defender.control.setLiveResponse(machineId, { files: { "C:\\Temp\\result.txt": "found" } });
    const { body } = await run([file]);
    defender.clock.advance(900);
    const bytes = Buffer.from(await (await download(body.id, 0)).arrayBuffer());

    expect(gunzipSync(bytes).toString()).toBe("found");
    expect(bytes.toString("latin1")).toContain("result.txt");
  });

  test("is not there for a file that was put, before the end, or beyond the last command", async () => {
    const { body } = await run([put, script]);
    expect((await linkTo(body.id, 1)).status).toBe(404);
    defender.clock.advance(900);
    const statuses = [];
    for (const index of [0, 1, 2, "one"]) statuses.push((await linkTo(body.id, index)).status);

    expect(statuses).toEqual([404, 200, 404, 400]);
  });

  test("can be downloaded for half an hour, and by a new link after that", async () => {
    const { body } = await run([script]);
    defender.clock.advance(900);
    const link = String((await linkTo(body.id, 0)).body.value);
    expect((await fetch(link.replace(/se=2026/, "se=2027"))).status).toBe(403);
    defender.clock.advance(minutes(30) - 1);
    expect((await fetch(link)).status).toBe(200);
    defender.clock.advance(1);

    expect((await fetch(link)).status).toBe(403);
    expect((await download(body.id, 0)).status).toBe(200);
  });

  test("needs the permission to read machines of an app, and the one to run the session of a user", async () => {
    const { body } = await run([script]);
    defender.clock.advance(900);
    const path = `/api/machineactions/${body.id}/GetLiveResponseResultDownloadLink(index=0)`;
    const asUser = (scp: string) => callWith(defender.apiUrl, defender.issueUserToken({ scp }))("GET", path);

    expect((await defender.callAs(["Machine.LiveResponse"])("GET", path)).status).toBe(403);
    expect((await defender.callAs(["Machine.ReadWrite.All"])("GET", path)).status).toBe(200);
    expect((await asUser("Machine.LiveResponse Machine.Read")).status).toBe(200);
    expect((await asUser("Machine.ReadWrite")).body.error.message).toContain(
      "The user does not have any of the required delegated permissions (Machine.LiveResponse)",
    );
  });
});

describe("live response is refused", () => {
  test.each([
    ["nothing to do", [], "InvalidRequestBody"],
    ["an unknown command", [command("Reboot", {})], "InvalidRequestBody"],
    ["another order", [file, script], "InvalidInput"],
    ["a parameter in another case", [command("GetFile", { path: "C:\\x" })], "InvalidInput"],
    ["no script", [command("RunScript", { Args: "-All" })], "MissingRequiredParameter"],
    ["a script that is not in the library", [command("RunScript", { ScriptName: "x.ps1" })], "InvalidInput"],
  ])("with %s", async (_, commands, code) => {
    expect(await run(commands)).toMatchObject({ status: 400, body: { error: { code } } });
  });

  test("while it is switched off, for all machines or for servers", async () => {
    const server = await defender.control.addMachine({ osPlatform: "WindowsServer2022" });
    await defender.control.settings({ liveResponse: "notOnServers" });
    expect((await run([file])).status).toBe(201);
    expect(await run([file], server.id)).toMatchObject({ status: 403, body: { error: { code: "DisabledFeature" } } });

    await defender.control.settings({ liveResponse: "off" });
    expect(await run([file])).toMatchObject({ status: 403, body: { error: { code: "DisabledFeature" } } });
  });

  test("in a machine group without a remediation level", async () => {
    await defender.control.addMachine({ id: machineId, rbacGroupName: "Hands-off" });
    await defender.control.settings({ groupsWithoutRemediationLevel: ["Hands-off"] });

    expect(await run([file])).toMatchObject({ status: 403, body: { error: { code: "DisallowedOperation" } } });
  });

  test("on the eleventh call in a minute", async () => {
    await using limited = await simulatedDefender();
    const machines = await limited.control.addMachines(Array.from({ length: 11 }, () => ({})));
    const statuses = [];
    for (const { id } of machines) {
      const body = { Comment: "All", Commands: [file] };
      statuses.push((await limited.call("POST", `/api/machines/${id}/runliveresponse`, body)).status);
    }

    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 201), 429]);
  });

  test("while 50 sessions are open in the tenant, and no longer", async () => {
    const machines = await defender.control.addMachines(Array.from({ length: 51 }, () => ({})));
    const [last, ...others] = machines.map(({ id }) => id);
    for (const id of others) expect((await run([file], id)).status).toBe(201);
    const refused = await run([file], last);
    expect(refused).toMatchObject({ status: 429, body: { error: { code: "TooManyRequests" } } });

    defender.clock.advance(seconds(Number(refused.headers.get("retry-after"))));
    expect((await run([file], last)).status).toBe(201);
  });
});

describe("what the documentation leaves open", () => {
  test("a script that is not in the library can fail on the machine instead", async () => {
    await defender.control.settings({ unknownLibraryFiles: "fail" });
    const { status, body } = await run([command("RunScript", { ScriptName: "x.ps1" })]);
    defender.clock.advance(900);

    expect([status, (await read(body.id)).status]).toEqual([201, "Failed"]);
  });

  test("a script without arguments can be refused", async () => {
    const bare = command("RunScript", { ScriptName: "collect.ps1" });
    await defender.control.settings({ liveResponseNeedsArgs: true });
    expect((await run([bare])).body.error.code).toBe("MissingRequiredParameter");

    await defender.control.settings({ liveResponseNeedsArgs: false });
    expect((await run([bare])).status).toBe(201);
  });
});

test("sessions, their results, the library and investigations outlive a restart", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "live-response-"));
  try {
    const before = await simulatedDefender({ folder });
    await before.control.addMachine({ id: machineId });
    await before.control.putRows("libraryFiles", [{ fileName: "collect.ps1" }]);
    await before.control.setLiveResponse(machineId, { scripts: { "collect.ps1": { output: "found" } } });
    const about = { Comment: "All", Commands: [script] };
    const session = (await before.call("POST", `/api/machines/${machineId}/runliveresponse`, about)).body.id;
    const started = await before.call("POST", `/api/machines/${machineId}/startInvestigation`, { Comment: "All" });
    await before.close();

    await using after = await simulatedDefender({ folder });
    after.clock.advance(900);
    const link = `/api/machineactions/${session}/GetLiveResponseResultDownloadLink(index=0)`;
    const result = await fetch(String((await after.call("GET", link)).body.value));
    expect(await result.json()).toMatchObject({ script_output: "found" });
    const investigation = await after.call("GET", `/api/investigations/${started.body.id}`);
    expect(investigation.body).toMatchObject({ machineId, state: "Benign" });
    expect((await after.call("GET", "/api/libraryfiles")).body.value).toEqual([{ fileName: "collect.ps1" }]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
