import { setTimeout as pause } from "node:timers/promises";
import { type Api, connectApi } from "../local/api.ts";
import { createRandom } from "../local/defender/state/seed/random.ts";
import { hasEnded } from "../local/demo/watch.ts";
import { type Stack, startStack } from "../local/stack.ts";
import { addSubject, type ContainmentEnd, endOf, type Subject, subjectOf } from "./containment-end.ts";
import type { Crash } from "./crash-moments.ts";

/** What a containment calls, in its order; the path of a subject stands for the stars. */
const CALLS = [
  { method: "POST", path: "/api/machines/*/isolate" },
  { method: "GET", path: "/api/machines/*/logonusers" },
  { method: "GET", path: "/api/alerts/*" },
  { method: "POST", path: "/api/machines/*/collectInvestigationPackage" },
  { method: "PATCH", path: "/api/alerts/*" },
];
type Call = (typeof CALLS)[number];

const PATIENCE_MS = 60_000;

/**
 * Contains devices on the embedded host and kills its process in some of them: at the moment when a call has taken effect
 * in Defender and its answer is still under way. The host is started again on what it left.
 *
 * @param seed chooses the calls
 */
export async function killAtSomeCalls(
  folder: string,
  { times, seed }: { times: number; seed: number },
): Promise<{ undisturbed: ContainmentEnd; crashes: Crash[] }> {
  const simulator = [
    "--no-throttling",
    "--latency-ms",
    "40",
    "--in-progress-after-ms",
    "100",
    "--final-after-ms",
    "300",
  ];
  const stack = await startStack({ folder, limitScale: 1_000, simulator });
  try {
    const undisturbed = await contain(stack, 0);
    const crashes: Crash[] = [];
    for (const [index, call] of someOf(CALLS, times, seed).entries()) {
      crashes.push({ moment: `${call.method} ${call.path}`, end: await contain(stack, index + 1, call) });
    }
    return { undisturbed, crashes };
  } finally {
    await stack.stop();
  }
}

function someOf<T>(all: readonly T[], times: number, seed: number): T[] {
  const random = createRandom(seed);
  const left = [...all];
  return Array.from({ length: Math.min(times, all.length) }, () => left.splice(random.below(left.length), 1)).flat();
}

async function contain(stack: Stack, index: number, killedAt?: Call): Promise<ContainmentEnd> {
  const { machineId, alertId } = subjectOf(index);
  await addSubject(stack.simulator, subjectOf(index));
  const api = await connectApi(stack.host.addresses);
  const runId = await api.startRun("contain-device", { machineId, alertId, joinMinutes: 0, leaseHours: 8_000 });
  const subject: Subject = { runId, machineId, alertId };
  if (killedAt) {
    const path = killedAt.path.replace("*", killedAt.path.includes("/machines/") ? machineId : alertId);
    await until(async () => (await stack.simulator.journal({ method: killedAt.method, path })).length > 0, 0);
    await stack.host.kill();
    await stack.restartHost();
  }
  return endOf(stack.simulator, subject, await saidAtTheEnd(await connectApi(stack.host.addresses), runId));
}

async function saidAtTheEnd(api: Api, runId: string) {
  const ended = async () => {
    const run = await api.run(runId);
    return run && hasEnded(run) ? run : undefined;
  };
  await until(async () => (await ended()) !== undefined, 100);
  const run = await ended();
  const ticket = await api.ticket(runId);
  return { status: run?.status ?? "", outcome: run?.outcome, tickets: ticket ? [ticket] : [] };
}

async function until(holds: () => Promise<boolean>, pauseMs: number): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !(await holds()); ) {
    if (Date.now() > deadline) throw new Error("A containment did not come to where it should.");
    if (pauseMs > 0) await pause(pauseMs);
  }
}
