import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openKeys } from "../../local/host/keys.ts";
import { type Stack, startStack } from "../../local/stack.ts";

const HOUR_MS = 3_600_000;

let folder: string;
let stack: Stack;
let key: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "playbooks-leases-"));
  cpSync("config", join(folder, "config"), { recursive: true });
  writeFileSync(join(folder, "config/policy.yaml"), "leases: { isolationHours: 4, mostHours: 24 }\n");
  stack = await startStack({
    folder,
    limitScale: 1_000,
    simulator: ["--no-throttling", "--final-after-ms", "0"],
    settings: { PLAYBOOKS_CONFIG_FOLDER: join(folder, "config") },
  });
  key = (await openKeys(stack.host.addresses.keysFile)).functionKey;
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: object) {
  const response = await fetch(new URL(path, stack.host.addresses.url), {
    method,
    headers: { "x-functions-key": key },
    ...(body && { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: an answer of JSON, compared with what is expected of it.
  return { status: response.status, body: (await response.json()) as any };
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  throw new Error("it did not come to hold");
}

/** Contains a device. @returns its lease */
async function contain(number: number, options: { offline?: boolean } = {}) {
  const machineId = number.toString(16).padStart(40, "f");
  await stack.simulator.addMachine({ id: machineId, ...options });
  const input = { machineId, joinMinutes: 0, queuedAfterSeconds: 1 };
  await call("POST", "/api/playbooks/contain-device/runs", input);
  const state = options.offline ? "queued" : "held";
  return until(async () => {
    const { leases } = (await call("GET", "/api/leases")).body;
    return leases.find((lease: Record<string, string>) => lease.machineId === machineId && lease.state === state);
  });
}

const hoursAfter = (lease: { startedAt: string }, hours: number) =>
  new Date(Date.parse(lease.startedAt) + hours * HOUR_MS).toISOString();

test("the end of an isolation is moved, within the most hours, and it says who did", async () => {
  const lease = await contain(1);
  const path = `/api/leases/${lease.machineId}`;
  expect(lease.until).toBe(hoursAfter(lease, 4));

  const later = await call("PATCH", path, { until: hoursAfter(lease, 10), by: "ana" });
  expect(later).toMatchObject({ status: 200, body: { until: hoursAfter(lease, 10), by: "ana", state: "held" } });
  expect((await call("PATCH", path, { hours: 2 })).body.by).toBe("a person");
  expect((await call("PATCH", path, { hours: 100 })).body.until).toBe(hoursAfter(lease, 24));
  expect((await call("PATCH", path, { hours: 0 })).body.until).toBe(hoursAfter(lease, 24));
  const { records } = (await call("GET", `/api/runs/${lease.runId}/audit`)).body;
  expect(records).toContainEqual(
    expect.objectContaining({
      ...{ activity: "lease", machineId: lease.machineId, event: "done" },
      reason: `ana moved the end of the isolation to ${hoursAfter(lease, 10)}`,
    }),
  );
  expect(later.body).not.toHaveProperty("event");
  expect(later.body).not.toHaveProperty("revision");
});

test("an end in the past is one now: the device is released", async () => {
  const lease = await contain(2);
  const path = `/api/leases/${lease.machineId}`;
  expect((await call("PATCH", path, { until: "2020-01-01T00:00:00Z" })).status).toBe(200);
  await until(async () => ((await stack.simulator.machine(lease.machineId)).isolation === null ? true : undefined));
  await until(async () => ((await call("PATCH", path, { hours: 1 })).status === 404 ? true : undefined));
  const ticket = await until(async () => {
    const { body } = await call("GET", `/api/runs/${lease.runId}/ticket`);
    return body.notes.some(({ text }: { text: string }) => text.startsWith("Released")) ? body : undefined;
  });
  // The run that contained the device may have its last word later.
  const texts = ticket.notes.map(({ text }: { text: string }) => text);
  expect(texts).toContain("Released, as the end of its isolation has come.");
});

test("an end that cannot be used changes nothing, and a device that is away has none yet", async () => {
  const lease = await contain(3);
  const path = `/api/leases/${lease.machineId}`;
  for (const body of [{}, { hours: -1 }, { hours: 9_000 }, { until: "tomorrow" }, { hours: 1, until: lease.until }]) {
    expect((await call("PATCH", path, body)).status).toBe(400);
  }
  expect((await call("PATCH", `/api/leases/${"0".repeat(40)}`, { hours: 1 })).status).toBe(404);
  expect((await call("PATCH", "/api/leases/lab-01", { hours: 1 })).status).toBe(404);
  const { leases } = (await call("GET", "/api/leases")).body;
  expect(leases).toContainEqual(expect.objectContaining({ machineId: lease.machineId, until: lease.until }));

  const away = await contain(4, { offline: true });
  const refused = await call("PATCH", `/api/leases/${away.machineId}`, { hours: 1 });
  expect(refused).toMatchObject({ status: 409, body: { title: "The device is away, and not isolated yet" } });
});
