import { isFinished, type MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import { type MachineId, machineLabel } from "../../shared/defender/machines/machine.ts";
import { type Duration, toMilliseconds } from "../../shared/duration.ts";
import { StepFailed } from "../../shared/errors.ts";
import { mayPass, overOutages, type Run, type Steps } from "../../shared/playbook.ts";
import { type Came, cameOf, cameOfFailedStep, describeQueued, type Errand, request } from "./follow-and-tell.ts";
import { AS_LONG_AS_DEFENDER_TRIES, followMachineAction } from "./follow-machine-action.ts";

export interface Target {
  id: MachineId;
  computerDnsName?: string | null | undefined;
}

/** What came of it on one machine. */
export interface CameOnMachine extends Came {
  machineId: MachineId;
  machineName: string;
}

interface Errands {
  /** What it is, for people. */
  what: string;
  request(machineId: MachineId): Steps<MachineAction>;
  queuedAfter: Duration;
  /** Is told once, where devices do not answer in time. */
  tell(words: string): Steps<void>;
}

/**
 * Has Defender do something on each of some machines, and follows all of it to its end. Machine by machine, in their
 * order: all are asked for first, so that Defender works on them at the same time.
 */
export function* onEachMachine(
  run: Run,
  machines: readonly Target[],
  { what, request: requestOn, queuedAfter, tell }: Errands,
): Steps<CameOnMachine[]> {
  const errand = (id: MachineId): Errand => ({ what, request: () => requestOn(id) });
  const asked: { machine: Target; seen: MachineAction | StepFailed }[] = [];
  for (const machine of machines) asked.push({ machine, seen: yield* request(run, errand(machine.id)) });
  for (const one of asked) {
    if (!(one.seen instanceof StepFailed && mayPass(one.seen.code))) continue;
    one.seen = yield* overOutages(run, errand(one.machine.id).request);
  }

  const isOpen = ({ seen }: (typeof asked)[number]) => !(seen instanceof StepFailed || isFinished(seen));
  function* follow(atMost: Duration): Steps<void> {
    const deadline = run.now().getTime() + toMilliseconds(atMost);
    for (const one of asked) {
      if (one.seen instanceof StepFailed) continue;
      const seconds = Math.max(0, deadline - run.now().getTime()) / 1000;
      one.seen = yield* followMachineAction(run, one.seen, { seconds });
    }
  }
  yield* follow(queuedAfter);
  const queued = asked.filter(isOpen).map(({ machine }) => machineLabel(machine));
  if (queued.length > 0) {
    run.report(`${what}: queued, ${queued.length} device(s) offline`);
    yield* tell(`${what}: ${describeQueued()}: ${queued.join(", ")}.`);
    yield* follow(AS_LONG_AS_DEFENDER_TRIES);
  }
  return asked.map(({ machine, seen }) => ({
    ...(seen instanceof StepFailed ? cameOfFailedStep(seen) : cameOf(run, seen)),
    machineId: machine.id,
    machineName: machineLabel(machine),
  }));
}

/** What came of it on which machines, those of the same fate together. */
export function describeEach(all: readonly CameOnMachine[]): string {
  const names = new Map<string, string[]>();
  for (const { words, machineName } of all) names.set(words, [...(names.get(words) ?? []), machineName]);
  return [...names].map(([words, machines]) => `${machines.join(", ")}: ${words}`).join("; ");
}
