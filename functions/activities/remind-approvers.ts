import { z } from "zod";
import { TellingApprovers } from "../../shared/approvals/telling-approvers.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { tellApprovers } from "./tell-approvers.ts";

/**
 * Reminds those who have not answered a question yet, or has those hear of it that it escalates to; tells those of a
 * question that could not be told at first.
 *
 * Safe to repeat: each message has a key of its own. A question that is decided by now is sent to nobody.
 */
export const remindApprovers = defineActivity({
  name: "remindApprovers",
  summary: "Reminds people of a question, or escalates it.",
  effect: "write",
  calls: [],
  repeat: "adopts",
  input: TellingApprovers.extend({
    isAgain: z.boolean().default(false).describe("Whether the step is tried again until every channel has it"),
  }),
  output: z.object({ sent: z.boolean() }),
  pretend: () => ({ sent: false }),

  async perform({ approvalId, why, isAgain }, services, asking) {
    const approval = await services.approvals.get(approvalId);
    if (approval?.status !== "open") return { sent: false };
    const channels = why === "escalation" ? approval.escalateTo : undefined;
    await tellApprovers(services, asking, approval, { event: why, isAgain, ...(channels && { channels }) });
    return { sent: true };
  },
});
