import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { TableClient } from "@azure/data-tables";
import { connectApi } from "../local/api.ts";
import { exitWith } from "../local/child.ts";
import { createRandom, type Random } from "../local/defender/state/seed/random.ts";
import { createPublisher } from "../local/demo/publish.ts";
import { aMessage, anAlertEvidence, anAlertInfo } from "../local/demo/stream-records.ts";
import { hasEnded } from "../local/demo/watch.ts";
import { type Stack, startStack } from "../local/stack.ts";

const HELP = `Shows that a storm of alerts loses none of them and isolates each device once.

npm run proof:storm -- [options]

Sends the records of many alerts on a few devices to Event Hubs: what each alert is and which device it hit come apart,
shuffled, some of them twice, in messages of 1 to 200 records. The app is killed in the middle and started again.

  --alerts <number>   alerts (default 10000)
  --devices <number>  devices they are spread over (default 20)
  --seed <number>     makes another storm (default 1)
  --json              only one line of JSON
  --help              show this
`;

const DUPLICATES = 0.05;
const MOST_RECORDS = 200;
const MOST_MINUTES = 15;

interface Storm {
  alerts: number;
  devices: number;
  seed: number;
  json: boolean;
}

interface Alert {
  alertId: string;
  machineId: string;
}

async function prove({ alerts, devices, seed, json }: Storm): Promise<void> {
  const say = (line: string) => json || console.log(line);
  const folder = mkdtempSync(join(tmpdir(), "playbooks-storm-"));
  const stack = await startStack({
    folder,
    // Comments on thousands of alerts would take an hour under the real limits, and prove nothing more.
    limitScale: 1_000,
    simulator: ["--no-throttling", "--in-progress-after-ms", "200", "--final-after-ms", "2000"],
  });
  try {
    const storm = await stage(stack, alerts, devices);
    const messages = messagesOf(storm, stack.defender.tenantId, createRandom(seed));
    say(`${alerts} alerts on ${devices} devices in ${messages.length} messages ...`);
    const startedAt = Date.now();
    const publisher = createPublisher(stack);
    for (const [index, message] of messages.entries()) {
      await publisher.send(message);
      if (index === Math.floor(messages.length / 2)) await killAndRestart(stack, say);
    }
    await publisher.close();
    say(`  sent after ${seconds(startedAt)}`);
    const figures = await settled(stack, storm, say, startedAt);
    const result = { alerts, devices, ...figures, seconds: Math.round((Date.now() - startedAt) / 1000) };
    console.log(JSON.stringify(result));
    const holds =
      result.containments === devices && result.linked === alerts && result.lost === 0 && result.duplicateActions === 0;
    if (!holds) throw new Error("Not all of it holds: one containment a device, every alert linked, none lost.");
  } finally {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;

async function stage({ simulator }: Stack, count: number, devices: number): Promise<Alert[]> {
  const machineIds = Array.from({ length: devices }, (_, index) => (index + 1).toString(16).padStart(40, "0"));
  await simulator.addMachines(machineIds.map((id, index) => ({ id, computerDnsName: `storm-${index + 1}` })));
  const alerts = Array.from({ length: count }, (_, index) => ({
    alertId: `da${String(index + 1).padStart(18, "0")}_1`,
    machineId: machineIds[index % devices] ?? "",
  }));
  for (let first = 0; first < count; first += 1_000) {
    const some = alerts.slice(first, first + 1_000);
    await simulator.addAlerts(some.map(({ alertId, machineId }) => ({ id: alertId, machineId, severity: "High" })));
  }
  return alerts;
}

/** The records of all alerts, some twice, shuffled, in messages of all sizes. */
function messagesOf(alerts: readonly Alert[], tenantId: string, random: Random): string[] {
  const once = alerts.flatMap((alert) => {
    const about = { tenantId, title: "Storm", severity: "High", ...alert };
    const { Severity, ...machine } = anAlertEvidence({ ...about, deviceName: "storm" }).properties;
    // As older streams have it: only AlertInfo says how severe it is, only AlertEvidence which machine it hit.
    return [anAlertInfo(about), { ...anAlertEvidence(about), properties: machine }];
  });
  const records = shuffled([...once, ...once.filter(() => random.chance(DUPLICATES))], random);
  const messages: string[] = [];
  for (let first = 0; first < records.length; ) {
    const size = 1 + random.below(MOST_RECORDS);
    messages.push(aMessage(records.slice(first, first + size)));
    first += size;
  }
  return messages;
}

function shuffled<T>(values: T[], random: Random): T[] {
  for (let last = values.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [values[last], values[other]] = [values[other] as T, values[last] as T];
  }
  return values;
}

async function killAndRestart(stack: Stack, say: (line: string) => unknown): Promise<void> {
  await isolationsOf(stack, 1);
  await stack.host.kill();
  say("  the app was killed, and is started again");
  await stack.restartHost();
}

/** Waits until so many isolations were asked for: the app is in the middle of its work then. */
async function isolationsOf({ simulator }: Stack, atLeast: number) {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    const calls = await simulator.journal({ method: "POST", path: "/api/machines/*/isolate" });
    if (calls.length >= atLeast) return calls;
    await new Promise((resume) => setTimeout(resume, 50));
  }
  throw new Error("The app asked for no isolation within a minute");
}

/** Waits until nothing changes any more, and counts. */
async function settled(stack: Stack, alerts: readonly Alert[], say: (line: string) => unknown, startedAt: number) {
  const api = await connectApi(stack.host.addresses);
  const deadline = Date.now() + MOST_MINUTES * 60_000;
  for (let linked = 0; ; ) {
    const found = await linkedAlerts(stack);
    const open = alerts.filter(({ alertId, machineId }) => found.get(alertId) !== machineId);
    const runs = (await api.runs()).filter(({ playbook }) => playbook === "contain-device");
    const now = alerts.length - open.length;
    if (now !== linked) say(`  ${now} alerts linked after ${seconds(startedAt)}, ${runs.length} containments`);
    linked = now;
    const isOver = open.length === 0 && runs.every((run) => hasEnded(run) || run.progress.startsWith("Isolated"));
    if (!isOver && Date.now() < deadline) {
      await new Promise((resume) => setTimeout(resume, 2_000));
      continue;
    }
    const isolations = (await isolationsOf(stack, 1)).filter(({ status }) => status === 201);
    const machines = new Set(isolations.map(({ machineId }) => machineId));
    return {
      containments: runs.length,
      linked,
      lost: open.length,
      duplicateActions: isolations.length - machines.size,
    };
  }
}

/** The ids of the alerts that a run has in its care on the device they hit, as the app keeps them. */
async function linkedAlerts({ storageConnectionString }: Stack): Promise<Map<string, string>> {
  const cases = TableClient.fromConnectionString(storageConnectionString, "cases", { allowInsecureConnection: true });
  const linked = new Map<string, string>();
  for await (const { partitionKey = "", alertId } of cases.listEntities<{ alertId?: string }>()) {
    if (alertId !== undefined) linked.set(alertId, partitionKey.split(":")[1] ?? "");
  }
  return linked;
}

try {
  const { values } = parseArgs({
    options: {
      alerts: { type: "string", default: "10000" },
      devices: { type: "string", default: "20" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) console.log(HELP);
  else
    await prove({
      alerts: Number(values.alerts),
      devices: Number(values.devices),
      seed: Number(values.seed),
      json: values.json,
    });
} catch (error) {
  exitWith(error);
}
