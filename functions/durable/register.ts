import * as df from "durable-functions";
import { NeedsApprovalError } from "../../shared/approvals/needs-approval.ts";
import { DefenderThrottledError } from "../../shared/defender/error.ts";
import { MustWaitError, messageOf, PermanentError, RetryLaterError, StepFailed } from "../../shared/errors.ts";
import { type Activity, type Playbook, UNAVAILABLE, WAITING } from "../../shared/playbook.ts";
import { performUnderPolicy } from "../../shared/policy/perform-under-policy.ts";
import { splitStart } from "../../shared/runs/run-input.ts";
import type { Services } from "../../shared/services.ts";
import { playbookVersions } from "../../shared/versions/playbook-versions.ts";
import { logLine } from "../log-line.ts";
import { createRunControl } from "../run-control.ts";
import type { Call, Reply } from "./call-activity.ts";
import { durableRun, type RunSetting } from "./durable-run.ts";
import { watcherWake } from "./machine-action-watcher.ts";
import { startAs } from "./newest-version.ts";

/** The services as `main.ts` builds them; what reaches other runs comes with each call, from the Functions host. */
export type AppServices = Omit<Services, "runs" | "watcher">;

interface ActivitySetting extends RunSetting {
  /** The clock of the host, in milliseconds since the epoch. @default Date.now */
  now?: () => number;
}

/** Makes an activity callable from playbooks. */
export function registerActivity(
  activity: Activity,
  services: AppServices,
  { tenantId, now = Date.now }: ActivitySetting,
): void {
  df.app.activity(activity.name, {
    extraInputs: [df.input.durableClient()],
    handler: async (
      { runId, about, input, approvalId, notAfter = Number.POSITIVE_INFINITY, isLastTry = false }: Call,
      context,
    ): Promise<Reply> => {
      // It was held up: another run may act on the machine by now. The step gets in line again.
      if (now() > notAfter) throw new Error(`${activity.name} came too late for its turn on the machine`);
      const client = df.getClient(context);
      const reached = { ...services, runs: createRunControl(client), watcher: watcherWake(client, tenantId) };
      try {
        let pretended = false as boolean;
        const onPretended = () => {
          pretended = true;
        };
        const asking = { runId, ...about, isLastTry, ...(approvalId !== undefined && { approvalId }), onPretended };
        const value = await performUnderPolicy(activity, input, reached, asking);
        return { ok: true, value, ...(pretended && { pretended }) };
      } catch (error) {
        const reason = messageOf(error);
        if (error instanceof NeedsApprovalError) return { ok: false, code: error.code, reason, ask: error.question };
        if (error instanceof PermanentError) return { ok: false, code: error.code, reason };
        if (error instanceof MustWaitError) return { ok: false, code: WAITING, reason };
        if (error instanceof DefenderThrottledError) {
          const { group, retryAfterMs } = error;
          return { ok: false, code: error.call.code, reason, throttled: { group, retryAfterMs } };
        }
        context.warn(logLine("step will be tried again", { runId, activity: activity.name, reason }));
        if (error instanceof RetryLaterError && error.retryAfterMs !== undefined) {
          return { ok: false, code: UNAVAILABLE, reason, retryAfterMs: error.retryAfterMs };
        }
        throw error;
      }
    },
  });
}

/**
 * Makes playbooks startable by their names, each in its newest version. Runs of the other versions go on.
 *
 * @param playbooks all there are: a second call takes the place of the first
 */
export function registerPlaybooks(playbooks: readonly Playbook[], setting: RunSetting): void {
  const { byOrchestration, newest } = playbookVersions(playbooks);
  for (const [name, playbook] of byOrchestration) registerVersion(name, playbook, setting);
  startAs(newest);
}

function registerVersion(name: string, playbook: Playbook, setting: RunSetting): void {
  df.app.orchestration(name, function* (context) {
    const { input, mode, requestedBy } = splitStart(context.df.getInput());
    const parameters = playbook.input.parse(input);
    const { tenantId = setting.tenantId } = Object(parameters) as { tenantId?: string };
    const about = { mode, playbook: playbook.name, tenantId };
    const run = durableRun(context, { ...setting, about, requestedBy }, playbook.priority);
    try {
      return yield* playbook.steps(run, parameters) as Generator<df.Task>;
    } catch (error) {
      const failed = error instanceof StepFailed && { activity: error.activity, code: error.code };
      if (!context.df.isReplaying) {
        context.error(logLine("run failed", { runId: run.id, playbook: playbook.name, ...failed }));
      }
      throw error;
    }
  });
}
