import {
  type Approval,
  expire,
  outcomeOf,
  type Question,
  withAnswer,
  yesesOf,
} from "../../shared/approvals/approval.ts";
import { newApproval } from "../../shared/approvals/new-approval.ts";
import type { Policy } from "../../shared/policy/policy.ts";

/**
 * One question with the real rules, for a script that plays a run. What people say while the run waits comes about once
 * the run looks.
 */
export function approvalsInMemory(policy: Policy) {
  let approval: Approval | undefined;
  const pending: (() => void)[] = [];
  const known = (): Approval => {
    if (!approval) throw new Error("nothing was asked yet");
    return approval;
  };
  const rules = {
    ask({ askedAt, ...question }: Question & { askedAt: string }) {
      approval = newApproval("run-1", question, askedAt, policy);
      const { id: approvalId, quorum, expiresAt, remindAt, escalateAt } = approval;
      return { approvalId, quorum, expiresAt, remindAt, escalateAt };
    },
    say(by: string, approved: boolean) {
      approval = withAnswer(known(), { by, approved, reason: "", via: "token", at: known().askedAt });
    },
    settle(at: string) {
      for (const happen of pending.splice(0)) happen();
      if (at >= known().expiresAt) approval = expire(known(), at);
      const outcome = known().status === "open" ? undefined : outcomeOf(known());
      return { ...(outcome && { outcome }), answers: known().answers.length, yeses: yesesOf(known()).length };
    },
  };
  return { rules, waits: (happen: () => void) => void pending.push(happen) };
}
