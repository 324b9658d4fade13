import { type ChildProcess, execFile, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSimulatorControl } from "../../../local/defender/control-client.ts";
import type { RunningDefender } from "../../../local/defender/server.ts";
import { isolation, refusal } from "./simulated-defender.ts";
import { callAuthority } from "./token-call.ts";

const main = fileURLToPath(new URL("../../../local/defender/main.ts", import.meta.url));
let folder: string;
let running: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "defender-main-"));
  running = [];
});
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

type Addresses = Pick<RunningDefender, "apiUrl" | "authorityUrl" | "caFile" | "tenantId" | "clientId" | "clientSecret">;

/** Starts the simulator as its own process and waits until it tells its addresses. */
async function start(...args: string[]) {
  const child = fork(main, args, { stdio: "pipe" });
  running.push(child);
  const [{ ready }] = (await once(child, "message")) as [{ ready: Addresses }];
  return { child, ...ready, control: createSimulatorControl(ready.apiUrl) };
}

async function signIn({ authorityUrl, caFile, tenantId, clientId, clientSecret }: Addresses): Promise<string> {
  const scope = "https://api.securitycenter.microsoft.com/.default";
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret, scope };
  return (await callAuthority(`${authorityUrl}/${tenantId}/oauth2/v2.0/token`, { caFile, form })).body.access_token;
}

const run = (...args: string[]) => promisify(execFile)(process.execPath, [main, ...args], { timeout: 10_000 });

describe("the simulator as a process", () => {
  test("keeps machines, machine actions and the journal through a kill", async () => {
    const options = ["--folder", folder, "--no-throttling", "--auto-create"];
    const before = await start(...options);
    const machine = await before.control.addMachine({ offline: true });
    await before.control.addAlert({ machineId: machine.id });
    const token = await signIn(before);
    const isolate = `/api/machines/${machine.id}/isolate`;
    const headers = { authorization: `Bearer ${token}` };
    await fetch(before.apiUrl + isolate, { method: "POST", headers, body: JSON.stringify(isolation) });
    const { now: _, ...state } = await before.control.state();
    before.child.kill("SIGKILL");
    await once(before.child, "exit");

    const after = await start(...options);
    expect(await after.control.state()).toMatchObject(state);
    expect(state.machineActions).toMatchObject([{ status: "Pending", requestorComment: isolation.Comment }]);
    expect(await after.control.journal({ path: isolate })).toMatchObject([{ status: 201 }]);
    expect(after.caFile).toBe(before.caFile);

    const again = await fetch(after.apiUrl + isolate, { method: "POST", headers, body: JSON.stringify(isolation) });
    expect((await refusal(again)).code).toBe("ActiveRequestAlreadyExists");
  });

  test("forgets a line it was killed while writing", async () => {
    writeFileSync(path.join(folder, "state.jsonl"), '{"clockAheadMs":0}\n{"machine":{"mach');
    const { control } = await start("--folder", folder);

    expect((await control.state()).machines).toEqual([]);
  });

  test("ends when its parent is gone", async () => {
    const { child } = await start();
    child.disconnect();

    expect(await once(child, "exit")).toEqual([0, null]);
  });

  test("tells how it is used", async () => {
    expect((await run("--help")).stdout).toContain("--authority-port");
  });

  test.each([
    ["an unknown option", ["--bogus"], /Unknown option '--bogus'/],
    ["a port that is no number", ["--port", "http"], /--port must be a number/],
    ["a scale that makes no sense", ["--limit-scale", "0"], /settings are wrong/],
    ["a folder that is a file", ["--folder", main], /cannot write to its folder/],
  ])("ends with code 1 and a sentence for %s", async (_, args, sentence) => {
    await expect(run(...args)).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(sentence) });
  });

  test("ends with code 1 and a sentence for a port in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };

    await expect(run("--port", String(port))).rejects.toMatchObject({
      code: 1,
      stderr: `The Defender simulator cannot listen: Port ${port} is already in use.\n`,
    });
    server.close();
  });
});
