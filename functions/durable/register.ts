import * as df from "durable-functions";
import type { z } from "zod";
import { type Duration, toMilliseconds } from "../shared/duration.ts";
import { messageOf, PermanentError, StepFailed } from "../shared/errors.ts";
import { type Activity, type Playbook, type Run, UNAVAILABLE } from "../shared/playbook.ts";
import { performUnderPolicy } from "../shared/policy/perform-under-policy.ts";
import { createStepLog } from "../shared/runs/step-log.ts";
import type { Services } from "../shared/services.ts";
import { logLine } from "./log-line.ts";
import { createRunStarter } from "./run-starter.ts";

/** What crosses to an activity: its input and the run that asks. */
interface Call {
  runId: string;
  input: unknown;
}

/** What crosses back. Durable retries what is thrown, so a permanent failure is returned. */
type Reply = { ok: true; value: unknown } | { ok: false; code: string; reason: string };

/** The services as `main.ts` builds them; what starts runs comes with each call, from the Functions host. */
export type AppServices = Omit<Services, "runs">;

/** Makes an activity callable from playbooks. */
export function registerActivity(activity: Activity, services: AppServices): void {
  df.app.activity(activity.name, {
    extraInputs: [df.input.durableClient()],
    handler: async ({ runId, input }: Call, context): Promise<Reply> => {
      const runs = createRunStarter(df.getClient(context));
      try {
        return { ok: true, value: await performUnderPolicy(activity, input, { ...services, runs }, { runId }) };
      } catch (error) {
        if (error instanceof PermanentError) return { ok: false, code: error.code, reason: error.message };
        context.warn(logLine("step will be tried again", { runId, activity: activity.name, reason: messageOf(error) }));
        throw error;
      }
    },
  });
}

/** Makes a playbook startable under its name. */
export function registerPlaybook(playbook: Playbook): void {
  df.app.orchestration(playbook.name, function* (context) {
    return yield* playbook.steps(
      durableRun(context),
      playbook.input.parse(context.df.getInput()),
    ) as Generator<df.Task>;
  });
}

/** The run that an orchestration gives its playbook. Every step is written to the custom status, where people see it. */
export function durableRun(context: df.OrchestrationContext): Run {
  const { df: durable } = context;
  const runId = durable.instanceId;
  const log = createStepLog();
  const after = (duration: Duration) => new Date(durable.currentUtcDateTime.getTime() + toMilliseconds(duration));
  const show = () => durable.setCustomStatus(log.seen());
  /** A replay has said all this before. */
  const tell = (message: string, fields: Record<string, unknown>) => {
    if (!durable.isReplaying) context.info(logLine(message, { runId, ...fields }));
  };

  /** One step with its retries; when the last of them fails, the playbook is told as it is of any other failure. */
  function* performed(name: string, call: Call): Generator<df.Task, Reply, Reply> {
    try {
      return yield durable.callActivityWithRetry(name, retryPolicy(), call);
    } catch (error) {
      return { ok: false, code: UNAVAILABLE, reason: firstLine(messageOf(error)) };
    }
  }

  return {
    id: runId,
    now: () => durable.currentUtcDateTime,
    *step(activity, input) {
      log.begin(activity.name, durable.currentUtcDateTime);
      show();
      const reply: Reply = yield* performed(activity.name, { runId, input });
      log.end(durable.currentUtcDateTime, reply.ok ? undefined : reply.reason);
      show();
      tell("step ended", { activity: activity.name, ...(!reply.ok && { code: reply.code }) });
      return unwrap(activity, reply);
    },
    *sleep(duration) {
      yield durable.createTimer(after(duration));
    },
    report(progress) {
      log.report(progress);
      show();
      tell("run goes on", { progress });
    },
  };
}

const LONGEST_REASON = 300;

/** The rest of what Durable reports may be a stack, and reasons end up on tickets. */
const firstLine = (text: string): string => (text.split("\n")[0] ?? "").slice(0, LONGEST_REASON);

function unwrap<Out extends z.ZodType>(activity: Activity<z.ZodType, Out>, reply: Reply): z.output<Out> {
  if (!reply.ok) throw new StepFailed(activity.name, reply.code, reply.reason);
  return activity.output.parse(reply.value);
}

/** Eight tries over about seven minutes: 5 s, 10 s, 20 s and so on, at most two minutes apart. */
function retryPolicy(): df.RetryOptions {
  const policy = new df.RetryOptions(5_000, 8);
  policy.backoffCoefficient = 2;
  policy.maxRetryIntervalInMilliseconds = 120_000;
  return policy;
}
