import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, connectApi } from "../../local/api.ts";
import { writeDemoConfig } from "../../local/demo/config.ts";
import { createPublisher, type Publisher } from "../../local/demo/publish.ts";
import { aMessage, anAlertEvidence } from "../../local/demo/stream-records.ts";
import { hasEnded } from "../../local/demo/watch.ts";
import { type Stack, startStack } from "../../local/stack.ts";
import { seededRandom } from "../helpers/random.ts";

const ALERTS = 50;

/** The worst moment for a kill: the call has taken effect, and its answer is still under way. */
const WRITES = [
  { method: "POST", path: "/api/machines/*/isolate" },
  { method: "POST", path: "/api/machines/*/collectInvestigationPackage" },
  { method: "PATCH", path: "/api/alerts/*" },
];

const subjects = Array.from({ length: ALERTS }, (_, index) => ({
  alertId: `da${String(index).padStart(18, "0")}_7`,
  machineId: (index + 1).toString(16).padStart(40, "c"),
}));

let folder: string;
let stack: Stack;
let publisher: Publisher;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "playbooks-crash-"));
  // Slow calls, so that every kill finds some that have taken effect and are not recorded yet.
  const simulator = [
    "--no-throttling",
    "--latency-ms",
    "40",
    "--in-progress-after-ms",
    "100",
    "--final-after-ms",
    "300",
  ];
  const settings = { PLAYBOOKS_CONFIG_FOLDER: writeDemoConfig(folder) };
  stack = await startStack({ folder, limitScale: 1_000, simulator, settings });
  publisher = createPublisher(stack);
  await stack.simulator.addMachines(subjects.map(({ machineId }) => ({ id: machineId })));
  await stack.simulator.addAlerts(
    subjects.map(({ alertId, machineId }) => ({ id: alertId, machineId, severity: "High" })),
  );
}, 60_000);

afterAll(async () => {
  await publisher?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("a host killed three times in mid-run isolates, collects, tickets and closes each of 50 devices exactly once", async () => {
  const sent = sendAlerts();
  const random = seededRandom(20260105);
  for (const call of WRITES) {
    await new Promise((resume) => setTimeout(resume, 400 + random() * 1200));
    await nextCall(call);
    await stack.host.kill();
    await stack.restartHost();
  }
  await sent;
  const api = await connectApi(stack.host.addresses);
  await allEnded(api);

  const runs = await api.runs();
  expect(runs).toHaveLength(ALERTS);
  expect(runs.filter(({ status }) => status !== "finished")).toEqual([]);
  expect(runs.map(({ outcome }) => (outcome as { outcome: string }).outcome)).toEqual(Array(ALERTS).fill("isolated"));

  const once = new Map(subjects.map(({ machineId }) => [machineId, 1]));
  expect(await perMachine("POST", "/api/machines/*/isolate")).toEqual(once);
  expect(await perMachine("POST", "/api/machines/*/collectInvestigationPackage")).toEqual(once);

  const comments = await stack.simulator.journal({ method: "PATCH", path: "/api/alerts/*" });
  const closing = comments.filter(({ body }) => (body as { comment: string }).comment.includes(" closing]"));
  expect(countBy(closing.map(({ alertId = "" }) => alertId))).toEqual(
    new Map(subjects.map(({ alertId }) => [alertId, 1])),
  );

  const tickets = await Promise.all(runs.map(({ runId }) => api.ticket(runId)));
  expect(new Set(tickets.map((ticket) => ticket?.id)).size).toBe(ALERTS);
  expect(tickets.map((ticket) => ticket?.notes.filter(({ key }) => key.endsWith(" closing")).length)).toEqual(
    Array(ALERTS).fill(1),
  );
}, 180_000);

/** Spread over the time of the kills, so that each finds runs at every step. */
async function sendAlerts(): Promise<void> {
  for (const { alertId, machineId } of subjects) {
    const about = { tenantId: stack.defender.tenantId, alertId, machineId, title: "Crash", severity: "High" };
    await publisher.send(aMessage([anAlertEvidence({ ...about, deviceName: "crash" })]));
    await new Promise((resume) => setTimeout(resume, 150));
  }
}

/** Waits until Defender has carried out one more call of this kind. */
async function nextCall(call: { method: string; path: string }): Promise<void> {
  const after = (await stack.simulator.journal({ limit: 1 }))[0]?.seq ?? 0;
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    if ((await stack.simulator.journal({ ...call, after })).length > 0) return;
  }
  throw new Error(`No ${call.method} ${call.path} came`);
}

async function allEnded(api: Api): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const runs = await api.runs();
    if (runs.length === ALERTS && runs.every(hasEnded)) return;
    if (Date.now() > deadline) {
      const open = runs
        .filter((run) => !hasEnded(run))
        .map(({ runId, progress, steps }) => ({ runId, progress, at: steps.at(-1) }));
      throw new Error(`${runs.length} runs, still open: ${JSON.stringify(open)}`);
    }
    await new Promise((resume) => setTimeout(resume, 250));
  }
}

/** How many calls were accepted for each machine. */
async function perMachine(method: string, path: string): Promise<Map<string, number>> {
  const calls = await stack.simulator.journal({ method, path });
  return countBy(
    calls
      .filter(({ status }) => status === 201)
      .map(({ machineId = "" }) => machineId)
      .sort(),
  );
}

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
