import type { z } from "zod";
import type { MachineId } from "../../shared/defender/machines/machine.ts";
import { type Duration, toMilliseconds } from "../../shared/duration.ts";
import { StepFailed } from "../../shared/errors.ts";
import { type Activity, attempt, overOutages, type Run, type Steps, waitUntil } from "../../shared/playbook.ts";
import { readRuns } from "../activities/read-runs.ts";
import { startContainments } from "../activities/start-containments.ts";
import { type Contained, describeTally, type Fate, fateOf } from "./outbreak-tally.ts";

/** The activities it takes to contain machines in waves. */
export const CONTAINING_IN_WAVES: readonly Activity[] = [startContainments, readRuns];

/** The policy counts whole minutes, one more than an hour has. */
const UNTIL_NEXT_HOUR: Duration = { minutes: 61 };

/** Devices that are away are tried for three days, and people are asked before that. */
const AS_LONG_AS_CONTAINMENTS_GO_ON: Duration = { days: 10 };
const PACE = { first: { minutes: 5 }, factor: 3, most: { days: 1 } };

interface Plan {
  waveSize: number;
  pause: Duration;
  /** For how long machines that a cap leaves out are tried again. */
  giveUpAfter: Duration;
  /** What every containment is given. */
  with: z.input<typeof startContainments.input>["with"];
  /** Is told of every wave. */
  tell(wave: number, words: string): Steps<void>;
}

const LEFT: readonly Fate[] = ["not-started", "capped", "group-capped"];
const GOING_ON: readonly Fate[] = ["under-way", "queued", "waiting"];
const isOneOf =
  (fates: readonly Fate[]) =>
  ({ fate }: Contained): boolean =>
    fates.includes(fate);

/**
 * Contains machines wave by wave, and looks once after each at the containments that move. Machines that a cap leaves out
 * wait for the next hour. Once circuit breaker or kill switch has stopped a containment no further wave starts.
 */
export function* containInWaves(run: Run, machineIds: readonly MachineId[], plan: Plan): Steps<Contained[]> {
  const all = machineIds.map((machineId): Contained => ({ machineId, fate: "not-started" }));
  const notBefore = new Map<MachineId, number>();
  const givenUp = run.now().getTime() + toMilliseconds(plan.giveUpAfter);
  const starts: { at: number; count: number }[] = [];
  let started = 0;
  while (!all.some(isOneOf(["stopped"]))) {
    const left = all.filter(isOneOf(LEFT));
    const readyAt = Math.min(...left.map(({ machineId }) => notBefore.get(machineId) ?? 0));
    if (left.length === 0 || readyAt > givenUp) break;
    const waitMs = readyAt - run.now().getTime();
    if (waitMs > 0) yield* run.sleep({ seconds: waitMs / 1000 });

    const isReady = ({ machineId }: Contained) => (notBefore.get(machineId) ?? 0) <= run.now().getTime();
    const wave = left.filter(isReady).slice(0, plan.waveSize);
    run.report(`wave ${++started}: ${wave.length} device(s); so far ${describeTally(all)}`);
    const hourAgo = run.now().getTime() - toMilliseconds(UNTIL_NEXT_HOUR);
    const startedThisHour = starts.reduce((sum, { at, count }) => sum + (at > hourAgo ? count : 0), 0);
    yield* start(run, wave, { round: started, startedThisHour }, plan);
    starts.push({ at: run.now().getTime(), count: wave.filter(isOneOf(["under-way"])).length });
    if (all.some(isOneOf(["under-way"]))) {
      yield* run.sleep(plan.pause);
      yield* look(run, all.filter(isOneOf(["under-way"])));
    }
    const nextHour = run.now().getTime() + toMilliseconds(UNTIL_NEXT_HOUR);
    const isFull = all.some(({ machineId, fate }) => fate === "capped" && isNew(notBefore.get(machineId)));
    for (const one of all.filter(isOneOf(isFull ? LEFT : ["group-capped"]))) {
      if (isFull || isNew(notBefore.get(one.machineId))) notBefore.set(one.machineId, nextHour);
    }
    yield* plan.tell(
      started,
      `Wave ${started}, ${wave.length} device(s): ${describeTally(wave)}. In all: ${describeTally(all)}.`,
    );

    function isNew(until = 0): boolean {
      return until <= run.now().getTime();
    }
  }
  return all;
}

/** Follows the containments that go on to their ends. Only what has ended is read: histories stay small. */
export function* followContainments(run: Run, all: readonly Contained[]): Steps<void> {
  const isOver = () => !all.some(isOneOf(GOING_ON));
  if (isOver()) return;
  run.report(`following containments: ${describeTally(all)}`);
  yield* waitUntil(run, () => look(run, all.filter(isOneOf(GOING_ON)), true), isOver, {
    pace: PACE,
    atMost: AS_LONG_AS_CONTAINMENTS_GO_ON,
  });
}

/** Has the machines of a wave contained. Where no run is named, it was only pretended. */
function* start(
  run: Run,
  wave: readonly Contained[],
  at: { round: number; startedThisHour: number },
  plan: Plan,
): Steps<void> {
  const machineIds = wave.map(({ machineId }) => machineId);
  const asked = yield* overOutages(run, () => run.step(startContainments, { machineIds, ...at, with: plan.with }));
  for (const one of wave) {
    if (asked instanceof StepFailed) Object.assign(one, { fate: "failed", words: asked.reason });
    else {
      const started = asked.runs.find(({ machineId }) => machineId === one.machineId);
      const fate: Fate = asked.leftOut.includes(one.machineId) ? "capped" : "would-be-contained";
      Object.assign(one, started ? { ...started, fate: "under-way" } : { fate });
    }
  }
}

/** Looks at runs, all in one step. What cannot be read is looked at the next time. */
function* look(run: Run, open: readonly Contained[], onlyEnded = false): Steps<void> {
  const runIds = open.flatMap(({ runId }) => runId ?? []);
  if (runIds.length === 0) return;
  const seen = yield* attempt(run.step(readRuns, { runIds, onlyEnded }));
  if (seen instanceof StepFailed) return;
  const byRun = new Map(seen.runs.map((one) => [one.runId, one]));
  for (const one of open) {
    const found = byRun.get(one.runId ?? "");
    if (found) Object.assign(one, fateOf(found));
  }
}
