import { z } from "zod";
import { Delivery } from "../../shared/notifications/notification.ts";
import { TELL_PEOPLE, Telling } from "../../shared/notifications/tell-people.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { tellingRunId } from "../../shared/runs/run-id.ts";

/**
 * Tells people over the channels of `config/notifications.yaml` that want such an event.
 *
 * Safe to repeat: a channel that has the notification of this run and key is not sent it again. No channel holds a run up:
 * one that fails for what may pass is tried again by a run of its own. Each failure is in the answer and in the audit.
 *
 * @throws Error for such a run of its own, while a channel may still take it, but for the last try
 */
export const notify = defineActivity({
  name: "notify",
  summary: "Tells people over Teams, Slack, mail or webhooks.",
  effect: "write",
  calls: [],
  repeat: "adopts",
  input: Telling,
  output: z.object({ deliveries: z.array(Delivery) }),
  pretend: () => ({ deliveries: [] }),

  async perform({ ofRun, ...notification }, { notifier, runs }, { runId, isLastTry }) {
    const { deliveries, toBeTriedAgain } = await notifier.tell(ofRun ?? runId, notification);
    if (toBeTriedAgain.length === 0) return { deliveries };
    if (ofRun === undefined) {
      const telling = { ...notification, ofRun: runId };
      await runs.startOnce(TELL_PEOPLE, tellingRunId(runId, notification.key), telling);
    } else if (!isLastTry) {
      throw new Error(`Not every channel could be reached. ${toBeTriedAgain.join("; ")}`);
    }
    return { deliveries };
  },
});
