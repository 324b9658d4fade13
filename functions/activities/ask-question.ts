import { z } from "zod";
import { Question } from "../../shared/approvals/approval.ts";
import { newApproval } from "../../shared/approvals/new-approval.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { tellApprovers } from "./tell-approvers.ts";

/** What stands for a question that nobody was asked. */
export const PRETENDED_QUESTION = "pretended";

/**
 * Asks people a question: writes it down, and sends it to those who may answer. What the question leaves open is as the
 * policy has it.
 *
 * Safe to repeat: a question of the run with the same key is asked once; one that is decided by now is sent to nobody.
 *
 * @param input.askedAt when the run asks, ISO 8601: its times count from then
 */
export const askQuestion = defineActivity({
  name: "askQuestion",
  summary: "Asks people a question, which they answer by token, link or Slack.",
  effect: "write",
  calls: [],
  repeat: "adopts",
  input: Question.extend({ askedAt: z.iso.datetime() }),
  output: z.object({
    approvalId: z.string(),
    quorum: z.number(),
    expiresAt: z.iso.datetime(),
    remindAt: z.iso.datetime().optional(),
    escalateAt: z.iso.datetime().optional(),
  }),
  pretend: ({ askedAt }) => ({ approvalId: PRETENDED_QUESTION, quorum: 1, expiresAt: askedAt }),

  async perform({ askedAt, ...question }, services, asking) {
    const asked = newApproval(asking.runId, question, askedAt, services.policy());
    const approval = await services.approvals.add(asked);
    if (approval.status === "open") await tellApprovers(services, asking, approval, { event: "question" });
    const { id: approvalId, quorum, expiresAt, remindAt, escalateAt } = approval;
    return { approvalId, quorum, expiresAt, ...(remindAt && { remindAt }), ...(escalateAt && { escalateAt }) };
  },
});
