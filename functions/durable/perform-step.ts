import type * as df from "durable-functions";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { type Activity, actsOnMachine, UNAVAILABLE } from "../../shared/playbook.ts";
import { groupsOf } from "../../shared/quota/groups-of.ts";
import type { Priority } from "../../shared/quota/priority.ts";
import { callQuota } from "./call-quota.ts";
import { machineTurn } from "./machine-turns.ts";
import { type Call, type Reply, withRetries } from "./with-retries.ts";

interface Step {
  activity: Activity;
  input: unknown;
  /** Tells the steps of all runs apart. */
  ticket: string;
  priority: Priority;
  tenantId: string;
  /** Is told what is waited for, in words. */
  onWait(words: string): void;
}

/** Defender says 429 in spite of our table only where somebody else uses up the limit too. */
const MOST_THROTTLED = 50;

/**
 * Performs one step: in its turn, if it acts on a machine, and when the limits have room, as often as it takes. When the
 * last try fails, the playbook is told as it is of any other failure.
 */
export function* performStep(durable: df.DurableOrchestrationContext, step: Step): Generator<df.Task, Reply> {
  const machineId = machineOf(step.activity, step.input);
  if (!machineId) return yield* withinLimits(durable, step, () => noTurn());

  const turn = machineTurn(durable, { tenantId: step.tenantId, machineId, ticket: step.ticket });
  yield* turn.take();
  const reply = yield* withinLimits(durable, step, turn.take);
  turn.leave();
  return reply;
}

/** @param keepTurn is called with the time until which the step must wait, and once the wait is over */
function* withinLimits(
  durable: df.DurableOrchestrationContext,
  { activity, input, priority, tenantId, onWait }: Step,
  keepTurn: (until?: number) => Generator<df.Task, void>,
): Generator<df.Task, Reply> {
  const quota = callQuota(durable, tenantId);
  const groups = groupsOf(activity);
  const call: Call = { runId: durable.instanceId, input };
  for (let times = 1; ; times++) {
    yield* quota.take(groups, priority, function* (until) {
      onWait(`${activity.name} waits for Defender's limit until ${until.toISOString()}`);
      yield* keepTurn(until.getTime());
    });
    const reply: Reply = yield* withRetries(durable, activity.name, call);
    if (reply.ok || !reply.throttled) return reply;
    if (times === MOST_THROTTLED) return { ok: false, code: UNAVAILABLE, reason: reply.reason };

    const until = durable.currentUtcDateTime.getTime() + reply.throttled.retryAfterMs;
    quota.throttled(reply.throttled.group, until);
    onWait(`${activity.name} was throttled by Defender until ${new Date(until).toISOString()}`);
    yield* keepTurn(until);
    yield durable.createTimer(new Date(until));
  }
}

function* noTurn(): Generator<df.Task, void> {}

/** The machine a step acts on, if it acts on one. Input that cannot be read is refused by the activity itself. */
function machineOf(activity: Activity, input: unknown): MachineId | undefined {
  if (!actsOnMachine(activity)) return undefined;
  const parsed = activity.input.safeParse(input);
  return parsed.success ? MachineId.parse(activity.machineId(parsed.data)) : undefined;
}
