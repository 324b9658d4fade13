import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openKeys } from "../../local/host/keys.ts";
import { type Stack, startStack } from "../../local/stack.ts";

let folder: string;
let stack: Stack;
let key: string;
const said: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "playbooks-gate-"));
  cpSync("config", join(folder, "config"), { recursive: true });
  stack = await startStack({
    folder,
    limitScale: 1_000,
    simulator: ["--no-throttling", "--final-after-ms", "0"],
    onLine: (_, line) => void said.push(line),
    settings: { PLAYBOOKS_CONFIG_FOLDER: join(folder, "config") },
  });
  key = (await openKeys(stack.host.addresses.keysFile)).functionKey;
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const machineIdOf = (number: number): string => number.toString(16).padStart(40, "e");
const asked = { by: "ada", reason: "drill" };

async function call(method: string, path: string, body?: object) {
  const response = await fetch(new URL(path, stack.host.addresses.url), {
    method,
    headers: { "x-functions-key": key },
    ...(body && { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: an answer of JSON, compared with what is expected of it.
  return { status: response.status, body: (await response.json()) as any };
}

async function startRun(machineId: string): Promise<string> {
  const { body } = await call("POST", "/api/playbooks/contain-device/runs", { machineId, joinMinutes: 0 });
  return body.runId;
}

/** What the audit says of a run, once it says something of one of some events. */
async function auditOf(runId: string, ...events: string[]) {
  return until(async () => {
    const { body } = await call("GET", `/api/runs/${runId}/audit`);
    return body.records.some(({ event }: { event: string }) => events.includes(event)) ? body.records : undefined;
  });
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  throw new Error("it did not come to hold");
}

let next = 10;

/** Starts runs on new machines until a verdict is as it should be: the policy's file is looked at with a step, at times. */
const untilVerdict = (isSeen: (verdict: { code: string }) => boolean) =>
  until(async () => {
    const machineId = machineIdOf(next++);
    await stack.simulator.addMachine({ id: machineId });
    const [verdict] = await auditOf(await startRun(machineId), "denied", "allowed");
    return isSeen(verdict) ? verdict : undefined;
  });

const isolations = () => stack.simulator.journal({ method: "POST", path: "/api/machines/*/isolate" });

test("the audit of a run shows the verdict before the action, and what came of it", async () => {
  await stack.simulator.addMachine({ id: machineIdOf(1) });
  const records = await auditOf(await startRun(machineIdOf(1)), "done");

  expect(records).toMatchObject([
    { activity: "isolateMachine", machineId: machineIdOf(1), event: "allowed", code: "Allowed" },
    { activity: "isolateMachine", event: "done" },
  ]);
  expect((await call("GET", "/api/runs/no%20run/audit")).status).toBe(404);
});

test("the kill switch takes back what waits, stops what is new, and lets it through once it is off", async () => {
  await stack.simulator.addMachine({ id: machineIdOf(2), offline: true });
  await stack.simulator.addMachine({ id: machineIdOf(3) });
  await auditOf(await startRun(machineIdOf(2)), "done");
  const before = (await isolations()).length;

  expect((await call("PUT", "/api/kill-switch", { by: "ada" })).status).toBe(400);
  expect((await call("GET", "/api/kill-switch")).body).toEqual({ isOn: false });
  const on = await call("PUT", "/api/kill-switch", { ...asked, cancelPending: true });
  expect(on).toMatchObject({ status: 200, body: { isOn: true, ...asked } });
  expect((await call("PUT", "/api/kill-switch", { ...asked, cancelPending: true })).body).toEqual(on.body);

  await until(async () => {
    const { machineActions } = await stack.simulator.state();
    return machineActions.find(({ machineId, status }) => machineId === machineIdOf(2) && status === "Cancelled");
  });
  expect((await call("GET", on.body.cancelRun)).body).toMatchObject({ playbook: "cancel-pending-containments" });
  const [denied] = await auditOf(await startRun(machineIdOf(3)), "denied");
  expect(denied).toMatchObject({ code: "KillSwitch", reason: expect.stringContaining("turned on by ada: drill") });
  expect(await isolations()).toHaveLength(before);

  expect((await call("DELETE", "/api/kill-switch", asked)).body).toMatchObject({ isOn: false, by: "ada" });
  await auditOf(await startRun(machineIdOf(3)), "done");
  expect(await isolations()).toHaveLength(before + 1);
  expect((await call("GET", "/api/runs/kill-switch/audit")).body.records).toMatchObject([
    { reason: "turned on by ada: drill" },
    { reason: "turned on by ada: drill" },
    { reason: "turned off by ada: drill" },
  ]);
});

test("a policy that is changed counts within seconds, a broken one does not; a cap opens the breaker until it is closed", async () => {
  const file = join(folder, "config/policy.yaml");
  writeFileSync(file, "caps: { machinesPerHour: 0 }\n");
  await untilVerdict(({ code }) => code === "CapReached");
  const open = await call("GET", "/api/circuit-breaker");
  expect(open.body).toMatchObject({ isOpen: true, reason: expect.stringContaining("no more than 0 machines") });

  writeFileSync(file, "caps: [\n");
  const refused = await untilVerdict(() => said.some((line) => line.includes("policy not used")));
  expect(refused).toMatchObject({ code: "CircuitBreakerOpen" });

  expect((await call("POST", "/api/circuit-breaker/close", {})).status).toBe(400);
  const shut = await call("POST", "/api/circuit-breaker/close", asked);
  expect(shut.body).toMatchObject({ isOpen: false, by: "ada", reason: "drill", failures: [] });
  await untilVerdict(({ code }) => code === "CapReached");
});
