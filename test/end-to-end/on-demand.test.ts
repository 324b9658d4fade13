import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { containDevice } from "../../functions/playbooks/contain-device.ts";
import { openKeys } from "../../local/host/keys.ts";
import { type Stack, startStack } from "../../local/stack.ts";
import type { RunView } from "../../shared/runs/run-view.ts";

let folder: string;
let stack: Stack;
let key: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "playbooks-api-"));
  stack = await startStack({ folder, limitScale: 1_000, simulator: ["--no-throttling", "--final-after-ms", "0"] });
  key = (await openKeys(stack.host.addresses.keysFile)).functionKey;
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const machineIdOf = (number: number): string => number.toString(16).padStart(40, "d");

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(new URL(path, stack.host.addresses.url), {
    method,
    headers: { "x-functions-key": key, ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    location: response.headers.get("location"),
    body: text ? JSON.parse(text) : undefined,
  };
}

const startRun = (body: unknown, headers?: Record<string, string>) =>
  call("POST", "/api/playbooks/contain-device/runs", body, headers);

async function finished(runId: string): Promise<RunView> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const { body } = await call("GET", `/api/runs/${runId}`);
    if (body.status !== "running" && body.status !== "waiting") return body;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  throw new Error(`run ${runId} did not end`);
}

test("starts a playbook, answers with the run's address, and shows its steps and outcome", async () => {
  const machineId = machineIdOf(1);
  await stack.simulator.addMachine({ id: machineId, computerDnsName: "lab-01" });

  const answer = await startRun({ machineId });
  expect(answer).toMatchObject({ status: 202, location: `/api/runs/${answer.body.runId}` });

  const run = await finished(answer.body.runId);
  expect(run).toMatchObject({
    playbook: "contain-device",
    version: containDevice.version,
    status: "finished",
    progress: "Isolated",
    outcome: { outcome: "isolated", machineName: "lab-01" },
  });
  expect(run.steps.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["isolateMachine", "storePackage", "openTicket"]),
  );
});

test("gives the same run for the same Idempotency-Key, also when asked at the same moment", async () => {
  const machineId = machineIdOf(2);
  await stack.simulator.addMachine({ id: machineId });
  const keyed = { "idempotency-key": "case-4711" };

  const answers = await Promise.all([1, 2, 3].map(() => startRun({ machineId }, keyed)));
  await finished(answers[0]?.body.runId);
  const late = await startRun({ machineId }, keyed);

  expect(new Set([...answers, late].map(({ body }) => body.runId)).size).toBe(1);
  const isolations = await stack.simulator.journal({ method: "POST", path: `/api/machines/${machineId}/isolate` });
  expect(isolations).toHaveLength(1);
});

test("refuses the same Idempotency-Key with other parameters", async () => {
  const keyed = { "idempotency-key": "case-4712" };
  await stack.simulator.addMachines([{ id: machineIdOf(3) }, { id: machineIdOf(4) }]);
  await startRun({ machineId: machineIdOf(3) }, keyed);

  expect(await startRun({ machineId: machineIdOf(4) }, keyed)).toMatchObject({
    status: 422,
    type: "application/problem+json",
  });
});

test("says what is wrong with parameters, playbook, body or run, as problem details", async () => {
  const problems = await Promise.all([
    startRun({ machineId: "lab-01" }),
    startRun("{not json"),
    call("POST", "/api/playbooks/format-disk/runs", {}),
    call("GET", `/api/runs/run-${"0".repeat(40)}`),
    call("GET", "/api/runs/..%2F..%2Fadmin"),
    call("GET", "/api/runs?hours=-1"),
  ]);

  expect(problems.map(({ status }) => status)).toEqual([400, 400, 404, 404, 404, 400]);
  expect(new Set(problems.map(({ type }) => type))).toEqual(new Set(["application/problem+json"]));
  expect(problems[0]?.body.detail).toContain("machine id");
  expect(problems[2]?.body.detail).toContain("contain-device");
});

test("says when 2,000 isolations could be done, and refuses what is no activity", async () => {
  const forecast = await call("GET", "/api/limits/isolateMachine?count=2000");

  expect(forecast).toMatchObject({ status: 200, body: { activity: "isolateMachine", count: 2000 } });
  expect(Date.parse(forecast.body.lastAt)).toBeGreaterThanOrEqual(Date.parse(forecast.body.firstAt));
  expect(forecast.body.limits.map(({ group }: { group: string }) => group)).toEqual([
    "get-machine-by-id",
    "isolate-machine",
  ]);
  expect(await call("GET", "/api/limits/isolate")).toMatchObject({ status: 404 });
  expect(await call("GET", "/api/limits/isolateMachine?count=-1")).toMatchObject({ status: 400 });
  expect(await call("GET", "/api/limits/isolateMachine?count=2001")).toMatchObject({ status: 400 });
});

test("refuses a caller without a key", async () => {
  const response = await fetch(new URL("/api/runs", stack.host.addresses.url));

  expect(response.status).toBe(401);
});

test("cancels a run that waits, once, and keeps what it had asked for", async () => {
  const machineId = machineIdOf(5);
  await stack.simulator.addMachine({ id: machineId, offline: true });
  const { runId } = (await startRun({ machineId })).body;
  await isolationOf(machineId);

  expect(await call("POST", `/api/runs/${runId}/cancel`, { reason: "drill & done" })).toMatchObject({ status: 202 });
  const run = await finished(runId);
  expect(run).toMatchObject({ status: "cancelled", reason: "cancelled: drill & done" });
  expect((await call("POST", `/api/runs/${runId}/cancel`)).status).toBe(202);
  expect((await call("GET", `/api/runs/${runId}`)).body.steps[0]).toMatchObject({
    name: "isolateMachine",
    state: "done",
  });
});

test("has nothing to cancel in a run that has ended", async () => {
  const machineId = machineIdOf(6);
  await stack.simulator.addMachine({ id: machineId });
  const { runId } = (await startRun({ machineId })).body;
  await finished(runId);

  expect((await call("POST", `/api/runs/${runId}/cancel`)).status).toBe(409);
});

async function isolationOf(machineId: string): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const calls = await stack.simulator.journal({ method: "POST", path: `/api/machines/${machineId}/isolate` });
    if (calls.length > 0) return;
    await new Promise((resume) => setTimeout(resume, 50));
  }
  throw new Error("the isolation was not asked for");
}
