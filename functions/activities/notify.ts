import { z } from "zod";
import { Delivery, Notification } from "../../shared/notifications/notification.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Tells people over the channels of `config/notifications.yaml` that want such an event.
 *
 * Safe to repeat: a channel that has the notification of this run and key is not sent it again. While a channel fails for
 * what may pass, the step is tried again for that channel; then, and where a channel refuses, its failure is in the answer
 * and in the audit, and the run goes on.
 *
 * @throws Error while a channel may still take it, but for the last try
 */
export const notify = defineActivity({
  name: "notify",
  summary: "Tells people over Teams, Slack, mail or webhooks.",
  effect: "write",
  calls: [],
  repeat: "adopts",
  input: Notification,
  output: z.object({ deliveries: z.array(Delivery) }),
  pretend: () => ({ deliveries: [] }),

  async perform(notification, { notifier }, { runId, isLastTry }) {
    const { deliveries, toBeTriedAgain } = await notifier.tell(runId, notification);
    if (toBeTriedAgain.length > 0 && !isLastTry) {
      throw new Error(`Not every channel could be reached. ${toBeTriedAgain.join("; ")}`);
    }
    return { deliveries };
  },
});
