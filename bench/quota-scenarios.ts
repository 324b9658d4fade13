import { z } from "zod";
import { isolateMachine } from "../functions/activities/isolate-machine.ts";
import { followMachineAction } from "../functions/playbooks/follow-machine-action.ts";
import type { JournalEntry } from "../local/defender/state/journal.ts";
import { startVirtualApp, type VirtualApp } from "../local/virtual-app.ts";
import { limitOf } from "../shared/defender/limits.ts";
import { MachineId } from "../shared/defender/machines/machine.ts";
import { definePlaybook } from "../shared/playbook.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Isolates a machine and waits until Defender has said how it ended: what a containment asks of the limits. */
export const isolateAndFollow = definePlaybook({
  name: "isolate-and-follow",
  version: 1,
  summary: "Isolates a machine and follows the isolation to its end.",
  input: z.object({ machineId: MachineId }),
  *steps(run, { machineId }) {
    const asked = yield* run.step(isolateMachine, { machineId, isolationType: "Full", comment: "outbreak" });
    const ended = yield* followMachineAction(run, asked, { days: 3, hours: 2 });
    return { machineActionId: ended.id, status: ended.status, endedAt: run.now().toISOString() };
  },
});

export const machineIdOf = (index: number): string => (index + 1).toString(16).padStart(40, "0");

export interface Drain {
  actions: number;
  throttled: number;
  drainRatio: number;
  listCallsPerHour: number;
}

/** Has many isolations asked for at once, under Defender's real limits, and lets virtual time pass until all have ended. */
export async function drainIsolations(actions: number): Promise<Drain> {
  await using app = await startVirtualApp([isolateAndFollow]);
  await addMachines(app, actions);
  const startedAt = app.clock.now().getTime();
  await startAll(app, actions);
  await app.passTime(() => areAllEnded(app, actions), 4 * HOUR);

  const journal = await app.simulator.journal();
  const isolations = journal.filter(({ method, path, status }) => isIsolation({ method, path }) && status === 201);
  if (isolations.length !== actions) throw new Error(`${isolations.length} isolations of ${actions} were asked for`);
  const lastMs = Math.max(...isolations.map(({ time }) => Date.parse(time))) - startedAt;
  return {
    actions,
    throttled: journal.filter(({ status }) => status === 429).length,
    drainRatio: lastMs / Math.max(1, shortestDrainMs(actions)),
    listCallsPerHour: mostListsInAnHour(journal),
  };
}

export interface Followed {
  actions: number;
  throttled: number;
  listCallsPerHour: number;
  /** How long after the action had ended the last of the runs was told, in seconds. */
  slowestSeconds: number;
}

/** Has many isolations wait for machines that are away for half a day, and sees how soon each run is told once they are back. */
export async function followOpenActions(actions: number): Promise<Followed> {
  await using app = await startVirtualApp([isolateAndFollow]);
  await addMachines(app, actions, { offline: true });
  await startAll(app, actions);
  const halfADayLater = app.clock.now().getTime() + DAY / 2;
  await app.passTime(() => app.clock.now().getTime() >= halfADayLater, DAY);
  const backAt = app.clock.now().getTime();
  for (let index = 0; index < actions; index++) await app.simulator.setOffline(machineIdOf(index), false);
  await app.passTime(() => areAllEnded(app, actions), HOUR);

  const ended = await endings(app, actions);
  const journal = await app.simulator.journal();
  return {
    actions: ended.filter(({ status }) => status === "Succeeded").length,
    throttled: journal.filter(({ status }) => status === 429).length,
    listCallsPerHour: mostListsInAnHour(journal),
    slowestSeconds: (Math.max(...ended.map(({ endedAt }) => Date.parse(endedAt))) - backAt) / 1000,
  };
}

/** The least time in which so many calls can be made: bursts of a minute's worth until the hour's worth is used up. */
function shortestDrainMs(calls: number): number {
  const { perMinute = 1, perHour = 1 } = limitOf("isolate-machine");
  const last = calls - 1;
  const hours = Math.floor(last / perHour);
  return hours * HOUR + Math.floor((last % perHour) / perMinute) * MINUTE;
}

const isIsolation = ({ method, path }: Pick<JournalEntry, "method" | "path">): boolean =>
  method === "POST" && path.endsWith("/isolate");

/** The lists of machine actions in the busiest hour, whoever asked for them. */
function mostListsInAnHour(journal: readonly JournalEntry[]): number {
  const lists = journal.filter(({ method, path }) => method === "GET" && path === "/api/machineactions");
  const times = lists.map(({ time }) => Date.parse(time));
  let most = 0;
  for (let first = 0, end = 0; first < times.length; first++) {
    while (end < times.length && (times[end] ?? 0) < (times[first] ?? 0) + HOUR) end++;
    most = Math.max(most, end - first);
  }
  return most;
}

async function addMachines({ simulator }: VirtualApp, count: number, behaviour: object = {}): Promise<void> {
  for (let index = 0; index < count; index++) await simulator.addMachine({ id: machineIdOf(index), ...behaviour });
}

const runIdOf = (index: number): string => `run-${index}`;

async function startAll({ client }: VirtualApp, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const input = { machineId: machineIdOf(index) };
    await client.startNew(isolateAndFollow.name, { instanceId: runIdOf(index), input });
  }
}

async function areAllEnded({ client }: VirtualApp, count: number): Promise<boolean> {
  // The last one to start is mostly the last one to end: the others are asked only then.
  for (let index = count - 1; index >= 0; index--) {
    const { runtimeStatus } = await client.getStatus(runIdOf(index));
    if (runtimeStatus === "Failed") throw new Error(`${runIdOf(index)} failed`);
    if (runtimeStatus !== "Completed") return false;
  }
  return true;
}

async function endings({ client }: VirtualApp, count: number) {
  const outputs: { status: string; endedAt: string }[] = [];
  for (let index = 0; index < count; index++) {
    outputs.push((await client.getStatus(runIdOf(index))).output as { status: string; endedAt: string });
  }
  return outputs;
}
