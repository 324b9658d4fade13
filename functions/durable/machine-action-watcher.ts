import * as df from "durable-functions";
import { z } from "zod";
import { earliestLook, freshPace, nextLook } from "../../shared/watches/pace.ts";
import type { WatcherWake } from "../../shared/watches/watch.ts";
import { lookAtMachineActions } from "../activities/look-at-machine-actions.ts";
import { findStatus } from "../run-control.ts";
import { callActivity } from "./call-activity.ts";

const WATCHER = "machine-action-watcher";
const WAKE = "wake";

/** After a look that failed, and after one that found nobody waiting and slept. */
const PAUSE_MS = 30_000;

/** Not worth waking for. */
const SOON_MS = 2_000;

/** What the watcher says of itself: when it looks next, and when it could at the earliest. Nothing said: it looks now. */
const WatcherStatus = z.object({ asleep: z.boolean(), nextAt: z.number(), earliestAt: z.number() });
type WatcherStatus = z.infer<typeof WatcherStatus>;

type Seen = z.output<typeof lookAtMachineActions.output>;

/** What one round hands to the next. The first has nothing. */
const Round = z.object({ pace: z.object({ left: z.number(), at: z.number() }), nextAt: z.number() });
type Round = z.infer<typeof Round>;

const watcherId = (tenantId: string): string => `${WATCHER}:${tenantId}`;

/**
 * The one that follows all machine actions of a tenant: looks at Defender's list and tells the runs whose action ended.
 * It never ends; while nobody waits it sleeps, at no cost. Each round is an execution of its own, so its history stays
 * short.
 *
 * @param limitScale the share of Defender's limits this app may use
 */
export function registerMachineActionWatcher({ limitScale: scale }: { limitScale: number }): void {
  df.app.orchestration(WATCHER, function* ({ df: durable }): Generator<df.Task, void> {
    const now = () => durable.currentUtcDateTime.getTime();
    const { pace, nextAt } = Round.safeParse(durable.getInput()).data ?? { pace: freshPace(now()), nextAt: now() };
    const say = (status: WatcherStatus | null) => durable.setCustomStatus(status);
    const goOn = (round: Round) => durable.continueAsNew(round);

    if (nextAt > now()) {
      const earliestAt = Math.min(earliestLook(pace, scale), nextAt);
      say({ asleep: false, nextAt, earliestAt });
      if (yield* isWokenBefore(durable, nextAt)) {
        say({ asleep: false, nextAt: earliestAt, earliestAt });
        if (earliestAt > now()) yield durable.createTimer(new Date(earliestAt));
      }
    }

    say(null);
    const seen = yield* look(durable, now());
    if (!seen) return goOn({ pace, nextAt: now() + PAUSE_MS });
    if (seen.waiting > 0) {
      const next = nextLook(pace, { now: now(), ...seen, scale });
      return goOn({ pace: next.pace, nextAt: next.at });
    }
    // A run that got in line before this was said is found by the second look; one that comes later wakes us.
    say({ asleep: true, nextAt: 0, earliestAt: 0 });
    const again = yield* look(durable, now());
    if (again?.waiting === 0) yield durable.waitForExternalEvent(WAKE);
    goOn({ pace, nextAt: again ? now() : now() + PAUSE_MS });
  });
}

function* isWokenBefore(durable: df.DurableOrchestrationContext, at: number): Generator<df.Task, boolean> {
  const woken = durable.waitForExternalEvent(WAKE);
  const timer = durable.createTimer(new Date(at));
  const first: df.Task = yield durable.Task.any([woken, timer]);
  if (first !== woken) return false;
  timer.cancel();
  return true;
}

function* look(durable: df.DurableOrchestrationContext, now: number): Generator<df.Task, Seen | undefined> {
  const call = { runId: durable.instanceId, input: { now } };
  const reply = yield* callActivity(durable, lookAtMachineActions.name, call);
  return reply.ok ? lookAtMachineActions.output.parse(reply.value) : undefined;
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
    const { asleep, nextAt, earliestAt } = WatcherStatus.safeParse(status.customStatus).data ?? LOOKS_NOW;
    const soon = Math.max(Date.now(), earliestAt) + SOON_MS;
    if (asleep || nextAt > soon) await client.raiseEvent(instanceId, WAKE, "");
  },
});

const LOOKS_NOW: WatcherStatus = { asleep: false, nextAt: 0, earliestAt: 0 };

const GOES_ON: ReadonlySet<string> = new Set([
  df.OrchestrationRuntimeStatus.Running,
  df.OrchestrationRuntimeStatus.Pending,
  df.OrchestrationRuntimeStatus.ContinuedAsNew,
]);
