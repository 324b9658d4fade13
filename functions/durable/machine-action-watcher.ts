import * as df from "durable-functions";
import { z } from "zod";
import { earliestLook, freshPace, nextLook } from "../../shared/watches/pace.ts";
import type { WatcherWake } from "../../shared/watches/watch.ts";
import { lookAtMachineActions } from "../activities/look-at-machine-actions.ts";
import { findStatus } from "../run-control.ts";
import { callActivity } from "./call-activity.ts";

const WATCHER = "machine-action-watcher";
const WAKE = "wake";

/** After a look that failed. */
const PAUSE_MS = 30_000;

/** What a look may have taken that failed. */
const LISTS_OF_A_FAILURE = 2;

/** Not worth waking for. */
const SOON_MS = 2_000;

/** What the watcher says of itself: when it looks next, and when it could at the earliest. Nothing said: it looks now. */
const WatcherStatus = z.object({ asleep: z.boolean(), nextAt: z.number(), earliestAt: z.number() });
type WatcherStatus = z.infer<typeof WatcherStatus>;

/** A look; one that failed knows only that whoever waited still does, and how long to pause. */
type Seen = z.output<typeof lookAtMachineActions.output> & { pauseMs: number };

/** What one round hands to the next. The first has nothing. */
const Round = z.object({
  asleep: z.boolean(),
  pace: z.object({ left: z.number(), at: z.number() }),
  nextAt: z.number(),
  earliestAt: z.number(),
});
type Round = z.infer<typeof Round>;

const firstRound = (now: number): Round => ({ asleep: false, pace: freshPace(now), nextAt: now, earliestAt: now });

const watcherId = (tenantId: string): string => `${WATCHER}:${tenantId}`;

/**
 * The one that follows all machine actions of a tenant: looks at Defender's list and tells the runs whose action ended.
 * It never ends; while nobody waits it sleeps, at no cost. Each round is an execution of its own, so its history stays
 * short, and waits for being woken only once: a second wait could lose its event to the first.
 *
 * @param limitScale the share of Defender's limits this app may use
 */
export function registerMachineActionWatcher({ limitScale }: { limitScale: number }): void {
  df.app.orchestration(WATCHER, function* ({ df: durable }): Generator<df.Task, void> {
    const now = durable.currentUtcDateTime.getTime();
    const round = Round.safeParse(durable.getInput()).data ?? firstRound(now);
    const next = round.asleep
      ? yield* sleepingRound(durable, round, limitScale)
      : yield* lookingRound(durable, round, limitScale);
    durable.continueAsNew(next);
  });
}

type Course = Generator<df.Task, Round>;

function* lookingRound(durable: df.DurableOrchestrationContext, round: Round, scale: number): Course {
  const { nextAt, earliestAt } = round;
  if (nextAt > timeOf(durable)) {
    say(durable, { asleep: false, nextAt, earliestAt });
    if (yield* isWokenBefore(durable, nextAt)) {
      say(durable, { asleep: false, nextAt: earliestAt, earliestAt });
      if (earliestAt > timeOf(durable)) yield durable.createTimer(new Date(earliestAt));
    }
  }
  say(durable, null);
  return roundAfter(round, yield* look(durable), { now: timeOf(durable), scale });
}

/** A run that got in line before it was said that the watcher sleeps is found by a look; one that comes later wakes it. */
function* sleepingRound(durable: df.DurableOrchestrationContext, round: Round, scale: number): Course {
  say(durable, { asleep: true, nextAt: 0, earliestAt: 0 });
  const next = roundAfter(round, yield* look(durable), { now: timeOf(durable), scale });
  if (!next.asleep) return next;
  yield durable.waitForExternalEvent(WAKE);
  return { ...next, asleep: false, nextAt: next.earliestAt };
}

/** Every list counts, whether or not somebody waits afterwards. */
function roundAfter({ pace }: Round, seen: Seen, { now, scale }: { now: number; scale: number }): Round {
  const next = nextLook(pace, { ...seen, now, scale });
  const earliestAt = Math.max(earliestLook(next.pace, scale), now + seen.pauseMs);
  return { asleep: seen.waiting === 0, pace: next.pace, nextAt: Math.max(next.at, earliestAt), earliestAt };
}

const timeOf = (durable: df.DurableOrchestrationContext): number => durable.currentUtcDateTime.getTime();

const say = (durable: df.DurableOrchestrationContext, status: WatcherStatus | null): void =>
  durable.setCustomStatus(status);

function* isWokenBefore(durable: df.DurableOrchestrationContext, at: number): Generator<df.Task, boolean> {
  const woken = durable.waitForExternalEvent(WAKE);
  const timer = durable.createTimer(new Date(at));
  const first: df.Task = yield durable.Task.any([woken, timer]);
  if (first !== woken) return false;
  timer.cancel();
  return true;
}

/** Never throws: a watcher that has failed tells nobody. */
function* look(durable: df.DurableOrchestrationContext): Generator<df.Task, Seen> {
  const call = { runId: durable.instanceId, input: { now: timeOf(durable) } };
  const reply = yield* callActivity(durable, lookAtMachineActions.name, call);
  const seen = reply.ok ? lookAtMachineActions.output.safeParse(reply.value).data : undefined;
  if (seen) return { ...seen, pauseMs: 0 };
  const pauseMs = (!reply.ok && reply.throttled?.retryAfterMs) || PAUSE_MS;
  return { waiting: 1, lists: LISTS_OF_A_FAILURE, youngestMs: 0, pauseMs };
}

/** Sees to it that the watcher of a tenant is there and looks soon. Safe to repeat. */
export const watcherWake = (client: df.DurableClient, tenantId: string): WatcherWake => ({
  async wake() {
    const instanceId = watcherId(tenantId);
    const status = await findStatus(client, instanceId);
    if (!status || !GOES_ON.has(status.runtimeStatus)) {
      // Another run may be as quick: then the watcher is there as well.
      await client.startNew(WATCHER, { instanceId }).catch(async (error: unknown) => {
        if (!(await findStatus(client, instanceId))) throw error;
      });
      return;
    }
    // While it looks it may have read who waits before this run got in line.
    const said = WatcherStatus.safeParse(status.customStatus).data;
    const looksSoon = said && !said.asleep && said.nextAt <= Math.max(Date.now(), said.earliestAt) + SOON_MS;
    if (!looksSoon) await client.raiseEvent(instanceId, WAKE, "");
  },
});

const GOES_ON: ReadonlySet<string> = new Set([
  df.OrchestrationRuntimeStatus.Running,
  df.OrchestrationRuntimeStatus.Pending,
  df.OrchestrationRuntimeStatus.ContinuedAsNew,
]);
