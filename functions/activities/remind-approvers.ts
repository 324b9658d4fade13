import { z } from "zod";
import { defineActivity } from "../../shared/playbook.ts";
import { tellApprovers } from "./tell-approvers.ts";

/**
 * Reminds those who have not answered a question yet, or has those hear of it that it escalates to.
 *
 * Safe to repeat: each message has a key of its own. A question that is decided by now is sent to nobody.
 */
export const remindApprovers = defineActivity({
  name: "remindApprovers",
  summary: "Reminds people of a question, or escalates it.",
  effect: "write",
  calls: [],
  repeat: "adopts",
  input: z.object({ approvalId: z.string().min(1), why: z.enum(["reminder", "escalation"]) }),
  output: z.object({ sent: z.boolean() }),
  pretend: () => ({ sent: false }),

  async perform({ approvalId, why }, services, asking) {
    const approval = await services.approvals.get(approvalId);
    if (approval?.status !== "open") return { sent: false };
    const channels = why === "escalation" ? approval.escalateTo : undefined;
    const words = why === "escalation" ? "Nobody has answered yet" : "Still waiting for an answer";
    await tellApprovers(services, asking, approval, { event: why, words, ...(channels && { channels }) });
    return { sent: true };
  },
});
