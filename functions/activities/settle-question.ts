import { z } from "zod";
import { expire, Outcome, outcomeOf, yesesOf } from "../../shared/approvals/approval.ts";
import { PermanentError } from "../../shared/errors.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * What came of a question so far; one whose time is over is settled as it says for then. From then on no answer counts.
 *
 * Safe to repeat: what is settled stays so.
 *
 * @param input.at the time of the run, ISO 8601
 * @returns the outcome, or how many have said yes while it is open
 * @throws PermanentError `UnknownQuestion`
 */
export const settleQuestion = defineActivity({
  name: "settleQuestion",
  summary: "Says what came of a question, and settles one whose time is over.",
  effect: "write",
  isBookkeeping: true,
  calls: [],
  repeat: "sets",
  input: z.object({ approvalId: z.string().min(1), at: z.iso.datetime() }),
  output: z.object({ outcome: Outcome.optional(), answers: z.number(), yeses: z.number() }),

  async perform({ approvalId, at }, { approvals, audit }, { runId }) {
    let isNew = false as boolean;
    const approval = await approvals.change(approvalId, (now) => {
      isNew = now.status === "open" && Date.parse(at) >= Date.parse(now.expiresAt);
      return isNew ? expire(now, at) : now;
    });
    if (!approval) throw new PermanentError("UnknownQuestion", `There is no question ${approvalId}`);
    const outcome = approval.status === "open" ? undefined : outcomeOf(approval);
    if (isNew && outcome) {
      const { machineId } = approval.about;
      const entry = { runId, activity: "settleQuestion", effect: "write", target: `approval ${approvalId}` } as const;
      await audit.record({
        ...{ ...entry, ...(machineId && { machineId }) },
        ...{ event: "done", code: "ApprovalExpired", reason: outcome.reason },
      });
    }
    return { ...(outcome && { outcome }), answers: approval.answers.length, yeses: yesesOf(approval).length };
  },
});
