import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { parseArgs } from "node:util";
import { connect } from "../functions/connect.ts";
import { containDevice } from "../functions/playbooks/contain-device.ts";
import { exitWith } from "../local/child.ts";
import { createPublisher, type Publisher } from "../local/demo/publish.ts";
import { aMessage, anAlertEvidence } from "../local/demo/stream-records.ts";
import { type Stack, startStack } from "../local/stack.ts";
import { readConfig } from "../shared/config.ts";
import { Policy } from "../shared/policy/policy.ts";
import { writeBenchConfig } from "./config.ts";
import { percentiles } from "./percentiles.ts";
import { forEachInFlight, playPlainly } from "./plain.ts";
import { createPlainNews } from "./plain-news.ts";

const HELP = `Usage: npm run bench -- [options]

Measures the whole chain on this machine: an alert is sent to Event Hubs, the app isolates the device, collects and stores
its package, opens a ticket and comments on the alert. The simulator answers at once and enforces no limits. Beside it, a
plain loop makes the same HTTP calls without durability; the ratio of the two is what can be compared between machines.

  --alerts N  alerts for the measurement with many in flight (default: 400)
  --single N  alerts for the measurement with one in flight (default: 60)
  --json      end with one line of JSON
  --help      show this
`;

const IN_FLIGHT = 50;

interface Subject {
  alertId: string;
  machineId: string;
}

async function bench({ alerts, single, json }: { alerts: number; single: number; json: boolean }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "playbooks-bench-"));
  const stack = await startStack({
    folder,
    limitScale: 1_000,
    settings: { PLAYBOOKS_CONFIG_FOLDER: writeBenchConfig(folder) },
    simulator: ["--no-throttling", "--in-progress-after-ms", "0", "--final-after-ms", "0"],
  });
  const publisher = createPublisher(stack);
  try {
    const warmUp = await stage(stack, 60);
    await forEachInFlight(warmUp, 5, (subject) => contain(stack, publisher, subject));

    const alone = await stage(stack, single);
    const sentAlone = await measure(stack, publisher, alone, 1);
    const many = await stage(stack, alerts);
    const sentMany = await measure(stack, publisher, many, IN_FLIGHT);
    const plain = await measurePlain(stack, await stage(stack, alerts));

    const one = percentiles(await isolateDelays(stack, sentAlone.sentAt));
    const fifty = percentiles(await isolateDelays(stack, sentMany.sentAt));
    const ratio = sentMany.perSecond / plain;
    console.log(`
containments per second, ${IN_FLIGHT} in flight   ${sentMany.perSecond.toFixed(1)}
the same calls in a plain loop           ${plain.toFixed(1)}
ratio                                    ${ratio.toFixed(3)}

event sent to isolate call, ms           p50     p95     p99
  1 in flight                            ${columns(one)}
  ${IN_FLIGHT} in flight                           ${columns(fifty)}
`);
    if (json) {
      const figures = {
        containmentsPerSecond: round(sentMany.perSecond),
        plainPerSecond: round(plain),
        ratio: round(ratio),
        isolateP95Ms: one.p95,
        isolateP95MsAt50: fifty.p95,
      };
      console.log(JSON.stringify(figures));
    }
  } finally {
    await publisher.close();
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

let staged = 0;

/** Puts machines and their alerts into the simulator. */
async function stage({ simulator }: Stack, count: number): Promise<Subject[]> {
  const subjects = Array.from({ length: count }, () => {
    staged += 1;
    return { alertId: `da${String(staged).padStart(18, "0")}_1`, machineId: staged.toString(16).padStart(40, "0") };
  });
  await simulator.addMachines(
    subjects.map(({ machineId }, index) => ({ id: machineId, computerDnsName: `m-${index}` })),
  );
  await simulator.addAlerts(
    subjects.map(({ alertId, machineId }) => ({ id: alertId, machineId, severity: "High", title: "Bench" })),
  );
  return subjects;
}

async function measure(stack: Stack, publisher: Publisher, subjects: Subject[], inFlight: number) {
  const sentAt = new Map<string, number>();
  const startedAt = performance.now();
  await forEachInFlight(subjects, inFlight, async (subject) => {
    sentAt.set(subject.machineId, Date.now());
    await contain(stack, publisher, subject);
  });
  return { sentAt, perSecond: (subjects.length * 1000) / (performance.now() - startedAt) };
}

/** Sends one alert and waits until its closing comment is written. */
async function contain(stack: Stack, publisher: Publisher, { alertId, machineId }: Subject): Promise<void> {
  const evidence = anAlertEvidence({
    tenantId: stack.defender.tenantId,
    alertId,
    machineId,
    title: "Bench",
    severity: "High",
    deviceName: "bench",
  });
  await publisher.send(aMessage([evidence]));
  await closed(stack, alertId);
}

/** Seldom enough that asking does not slow down what is measured, which shares two cores with it. */
const POLL_MS = 50;
const waiting = new Map<string, () => void>();
let polling = false;

/** Resolves when the closing comment on an alert is in the simulator's journal. One poll serves all who wait. */
function closed(stack: Stack, alertId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    waiting.set(alertId, resolve);
    if (!polling) pollJournal(stack).catch(reject);
  });
}

let seenUpTo = 0;

async function pollJournal({ simulator }: Stack): Promise<void> {
  polling = true;
  while (waiting.size > 0) {
    const entries = await simulator.journal({ method: "PATCH", path: "/api/alerts/*", after: seenUpTo });
    for (const { seq, alertId = "" } of entries) {
      seenUpTo = seq;
      waiting.get(alertId)?.();
      waiting.delete(alertId);
    }
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
  polling = false;
}

async function isolateDelays({ simulator }: Stack, sentAt: ReadonlyMap<string, number>): Promise<number[]> {
  const calls = await simulator.journal({ method: "POST", path: "/api/machines/*/isolate" });
  return calls.flatMap(({ machineId = "", time }) => {
    const sent = sentAt.get(machineId);
    return sent === undefined ? [] : [Date.parse(time) - sent];
  });
}

/** The same playbook with the same clients, without engine and stream. */
async function measurePlain(stack: Stack, subjects: Subject[]): Promise<number> {
  const authority = readFileSync(stack.defender.caFile, "utf8");
  setDefaultCACertificates([...getCACertificates("default"), authority]);
  Object.assign(process.env, stack.settings); // where the identity library looks
  const services = connect(readConfig(stack.settings), {
    policy: () => Policy.parse({ caps: { machinesPerHour: 1_000_000 } }),
    rules: () => [],
    sharedPlaybooks: new Set(),
    channels: () => [],
  });
  const plain = createPlainNews(services);

  const startedAt = performance.now();
  await forEachInFlight(subjects, IN_FLIGHT, ({ alertId, machineId }) =>
    playPlainly(
      containDevice,
      { alertId, machineId },
      { ...services, ...plain.services },
      `plain-${alertId}`,
      plain.news,
    ),
  );
  return (subjects.length * 1000) / (performance.now() - startedAt);
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

const columns = ({ p50, p95, p99 }: ReturnType<typeof percentiles>): string =>
  [p50, p95, p99].map((ms) => String(Math.round(ms)).padEnd(7)).join(" ");

try {
  const { values } = parseArgs({
    options: {
      alerts: { type: "string", default: "400" },
      single: { type: "string", default: "60" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) console.log(HELP);
  else await bench({ alerts: Number(values.alerts), single: Number(values.single), json: values.json });
} catch (error) {
  exitWith(error);
}
