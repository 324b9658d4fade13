import type * as df from "durable-functions";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { type Activity, actsOnMachine, lineOf, mayPass, UNAVAILABLE } from "../../shared/playbook.ts";
import { groupsOf } from "../../shared/quota/groups-of.ts";
import type { Priority } from "../../shared/quota/priority.ts";
import { callActivity, type Reply, type RunAbout } from "./call-activity.ts";
import { callQuota } from "./call-quota.ts";
import { type MachineTurn, machineTurn } from "./machine-turns.ts";

interface Step {
  activity: Activity;
  input: unknown;
  /** Tells the steps of all runs apart. */
  ticket: string;
  priority: Priority;
  tenantId: string;
  about: RunAbout;
  approvalId?: string | undefined;
  /** Is told what is waited for, in words. */
  onWait(words: string): void;
}

/** Eight tries over about seven minutes: pauses of 5 s, 10 s, 20 s and so on, at most two minutes. */
const MOST_TRIES = 8;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 120_000;

/** Defender says 429 in spite of our table only where somebody else uses up the limit too. */
const MOST_THROTTLED = 50;

/**
 * Performs one step: in its turn, if it acts on a machine, and each try only when the limits have room. When the last try
 * fails, the playbook is told as it is of any other failure.
 */
export function* performStep(durable: df.DurableOrchestrationContext, step: Step): Generator<df.Task, Reply> {
  const machineId = isPretended(step) ? undefined : machineOf(step.activity, step.input);
  if (!machineId) return yield* tries(durable, step);

  const { tenantId, ticket, activity } = step;
  const turn = machineTurn(durable, { tenantId, machineId, line: lineOf(activity), ticket });
  try {
    const reply = yield* tries(durable, step, turn);
    turn.leave();
    return reply;
  } catch (error) {
    turn.leave();
    throw error;
  }
}

/** Whether nothing but the verdict comes of it: such a step needs neither a turn nor calls of its own. */
const isPretended = ({ about, activity }: Step): boolean =>
  about.mode === "shadow" && activity.effect !== "read" && !activity.isBookkeeping;

/** The turn is kept from the first try to the last, and shown to be wanted before each. */
function* tries(durable: df.DurableOrchestrationContext, step: Step, turn?: MachineTurn): Generator<df.Task, Reply> {
  const { activity, input, priority, tenantId, about, approvalId, onWait } = step;
  const quota = callQuota(durable, tenantId);
  const groups = groupsOf(isPretended(step) ? { ...activity, calls: [] } : activity);
  const pause = (ms: number) => waitUntil(durable, new Date(durable.currentUtcDateTime.getTime() + ms), turn);

  for (let failed = 0, throttled = 0; ; ) {
    if (turn) yield* turn.take();
    yield* quota.take(groups, priority, (until) => {
      onWait(`${activity.name} waits for Defender's limit until ${until.toISOString()}`);
      return waitUntil(durable, until, turn);
    });
    const isLastTry = failed === MOST_TRIES - 1;
    const call = {
      ...{ runId: durable.instanceId, about, input, isLastTry },
      ...(approvalId !== undefined && { approvalId }),
      ...(turn && { notAfter: turn.endsAt() }),
    };
    const reply = yield* callActivity(durable, activity.name, call);
    if (reply.ok || (!reply.throttled && !mayPass(reply.code))) return reply;

    if (reply.throttled) {
      if (++throttled === MOST_THROTTLED) return { ok: false, code: UNAVAILABLE, reason: reply.reason };
      const { group, retryAfterMs } = reply.throttled;
      const waitMs = Math.max(retryAfterMs, Math.min(1_000 * 2 ** throttled, LONGEST_PAUSE_MS / 2));
      const until = durable.currentUtcDateTime.getTime() + waitMs;
      quota.throttled(group, until);
      onWait(`${activity.name} was throttled by Defender until ${new Date(until).toISOString()}`);
      yield* pause(waitMs);
    } else {
      if (++failed === MOST_TRIES) return reply;
      // Who wants to be left alone for long is not waited for: the run goes on without the step.
      yield* pause(Math.min(Math.max(FIRST_PAUSE_MS * 2 ** (failed - 1), reply.retryAfterMs ?? 0), LONGEST_PAUSE_MS));
    }
  }
}

/** A place in line is given up soon, lest a run that was ended by force holds up others: a long wait shows that it lives. */
const LONGEST_LEG_MS = 5 * 60_000;

function* waitUntil(
  durable: df.DurableOrchestrationContext,
  until: Date,
  turn?: MachineTurn,
): Generator<df.Task, void> {
  for (let now = durable.currentUtcDateTime; now < until; now = durable.currentUtcDateTime) {
    const leg = turn ? new Date(Math.min(until.getTime(), now.getTime() + LONGEST_LEG_MS)) : until;
    yield durable.createTimer(leg);
    if (turn && leg < until) yield* turn.take();
  }
}

/** The machine a step acts on, if it acts on one. Input that cannot be read is refused by the activity itself. */
function machineOf(activity: Activity, input: unknown): MachineId | undefined {
  if (!actsOnMachine(activity)) return undefined;
  const parsed = activity.input.safeParse(input);
  return parsed.success ? MachineId.parse(activity.machineId(parsed.data)) : undefined;
}
