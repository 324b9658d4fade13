import { z } from "zod";
import { PermanentError } from "../../shared/errors.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Has the run told of the next answer to a question, or at once where one has come that it does not know of.
 *
 * Safe to repeat: a run waits once under each name, and what it is told it reads again.
 *
 * @param input.event the name of the event the run waits for
 * @param input.answersSeen how many answers the run knows of
 * @throws PermanentError `UnknownQuestion`
 */
export const waitForAnswer = defineActivity({
  name: "waitForAnswer",
  summary: "Has the run told of the next answer to a question.",
  effect: "write",
  isBookkeeping: true,
  calls: [],
  repeat: "sets",
  input: z.object({
    approvalId: z.string().min(1),
    event: z.string().min(1),
    answersSeen: z.int().nonnegative(),
  }),
  output: z.object({ waits: z.literal(true) }),

  async perform({ approvalId, event, answersSeen }, { approvals, runs }, { runId }) {
    const approval = await approvals.change(approvalId, (now) => ({ ...now, event }));
    if (!approval) throw new PermanentError("UnknownQuestion", `There is no question ${approvalId}`);
    const answers = approval.answers.length;
    if (approval.status !== "open" || answers > answersSeen) await runs.tell(runId, event, { answers });
    return { waits: true as const };
  },
});
