import type * as df from "durable-functions";
import type { z } from "zod";
import type { Question } from "../../shared/approvals/approval.ts";
import { type Duration, toMilliseconds } from "../../shared/duration.ts";
import { StepFailed } from "../../shared/errors.ts";
import { type Activity, attempt, type Run, type StepOptions, type Steps } from "../../shared/playbook.ts";
import type { Priority } from "../../shared/quota/priority.ts";
import { priorityOf } from "../../shared/quota/priority-of.ts";
import { createStepLog } from "../../shared/runs/step-log.ts";
import { logLine } from "../log-line.ts";
import { ask } from "../playbooks/ask.ts";
import type { Reply, RunAbout } from "./call-activity.ts";
import { performStep } from "./perform-step.ts";

/** What holds for all runs. */
export interface RunSetting {
  tenantId: string;
}

interface RunOptions extends RunSetting {
  about: RunAbout;
  /** Who asked for the run, where a person did: that person approves none of its steps. */
  requestedBy?: string | undefined;
}

/**
 * The run that an orchestration gives its playbook. Every step is written to the custom status, where people see it.
 *
 * @param priority where set, no step is more urgent than this
 */
export function durableRun(
  context: df.OrchestrationContext,
  { tenantId, about, requestedBy }: RunOptions,
  priority?: Priority,
): Run {
  const { df: durable } = context;
  const runId = durable.instanceId;
  const log = createStepLog();
  const after = (duration: Duration) => new Date(durable.currentUtcDateTime.getTime() + toMilliseconds(duration));
  const show = () => durable.setCustomStatus(log.seen());
  /** By its own mode, or since the policy had a step pretended. */
  let isShadow = about.mode === "shadow";
  let steps = 0;
  let waits = 0;
  let questions = 0;
  /** What was approved, by step: a step that is taken again for an outage is not asked about again. */
  const approvals = new Map<string, string>();
  /** A replay has said all this before. */
  const tell = (message: string, fields: Record<string, unknown>) => {
    if (!durable.isReplaying) context.info(logLine(message, { runId, ...fields }));
  };

  function* take(activity: Activity, input: unknown, approvalId: string | undefined): Generator<df.Task, Reply> {
    log.begin(activity.name, durable.currentUtcDateTime);
    show();
    const reply = yield* performStep(durable, {
      activity,
      input,
      tenantId,
      about,
      approvalId,
      ticket: `${runId}/${++steps}`,
      priority: priorityOf(activity.effect, priority),
      onWait(words) {
        log.waits(words);
        show();
        tell("step waits", { activity: activity.name, words });
      },
    });
    if (reply.ok && reply.pretended) isShadow = log.pretended();
    log.end(durable.currentUtcDateTime, reply.ok ? undefined : reply.reason);
    show();
    tell("step ended", { activity: activity.name, ...(!reply.ok && { code: reply.code }) });
    return reply;
  }

  /** Asks people about a step that the policy leaves to them, and takes it again once they have agreed. */
  function* takeOnceApproved(
    activity: Activity,
    input: unknown,
    question: Question,
    { beforeAsking }: StepOptions,
  ): Steps<Reply> {
    if (beforeAsking) yield* beforeAsking(question.text);
    const key = `${question.key} ${++questions}`;
    const outcome = yield* attempt(ask(run, { ...question, key }));
    if (outcome instanceof StepFailed) {
      return { ok: false, code: "NeedsApproval", reason: `${question.text} Nobody could be asked: ${outcome.reason}` };
    }
    const { approved, approvalId, expired, reason } = outcome;
    if (!approved) return { ok: false, code: expired ? "ApprovalExpired" : "Declined", reason };
    approvals.set(stepKey(activity, input), approvalId);
    return yield* take(activity, input, approvalId);
  }

  const run: Run = {
    id: runId,
    mode: about.mode,
    requestedBy,
    now: () => durable.currentUtcDateTime,
    *step(activity, input, options = {}) {
      const reply = yield* take(activity, input, approvals.get(stepKey(activity, input)));
      const isAsked = !reply.ok && reply.ask;
      return unwrap(activity, isAsked ? yield* takeOnceApproved(activity, input, isAsked, options) : reply);
    },
    *sleep(duration) {
      yield durable.createTimer(after(duration));
    },
    *waitFor(news, atMost, arrange) {
      // A name of its own for each wait: what comes too late for one must not end the next.
      const event = `news-${++waits}`;
      const deadline = after(atMost);
      yield* arrange(event);
      const told = durable.waitForExternalEvent(event);
      const timer = durable.createTimer(deadline);
      const first: df.Task = yield durable.Task.any([told, timer]);
      if (first === timer) return undefined;
      timer.cancel();
      return news.parse(told.result) as never;
    },
    report(words) {
      // Said in one place, so that no playbook can forget it.
      const progress = isShadow ? `Shadow, nothing is done: ${words}` : words;
      log.report(progress);
      show();
      tell("run goes on", { progress });
    },
  };
  return run;
}

const stepKey = ({ name }: Activity, input: unknown): string => JSON.stringify([name, input]);

function unwrap<Out extends z.ZodType>(activity: Activity<z.ZodType, Out>, reply: Reply): z.output<Out> {
  if (!reply.ok) throw new StepFailed(activity.name, reply.code, reply.reason);
  return activity.output.parse(reply.value);
}
