import type { Policy } from "../policy/policy.ts";
import { oneLine, plainText } from "../tickets/plain-text.ts";
import { type Approval, approvalIdOf, type Question } from "./approval.ts";

const LONGEST_TITLE = 300;
const LONGEST_TEXT = 4_000;

/** The question as it is asked: what it leaves open is as the policy has it. */
export function newApproval(runId: string, question: Question, askedAt: string, { approvals }: Policy): Approval {
  const { key, about, requestedBy } = question;
  // Names and words of devices and alerts stand in it, and people decide by what they see.
  const title = oneLine(question.title, LONGEST_TITLE);
  const text = plainText(question.text, LONGEST_TEXT);
  const minutes = question.minutes ?? approvals.minutes;
  const escalate = question.escalate ?? approvals.escalate;
  const after = (later: number) => new Date(Date.parse(askedAt) + later * 60_000).toISOString();
  /** What comes only after the end need not be done. */
  const within = (later: number | undefined) => (later !== undefined && later < minutes ? after(later) : undefined);
  const remindAt = within(question.remindAfterMinutes ?? approvals.remindAfterMinutes);
  const escalateAt = within(escalate?.afterMinutes);
  return {
    id: approvalIdOf(runId, key),
    ...{ runId, title, text, about, askedAt },
    approvers: question.approvers ?? [],
    quorum: question.quorum ?? approvals.quorum,
    atExpiry: question.atExpiry ?? approvals.atExpiry,
    ...(requestedBy !== undefined && { requestedBy }),
    expiresAt: after(minutes),
    ...(remindAt && { remindAt }),
    ...(escalateAt && { escalateAt }),
    escalateTo: escalate?.channels ?? [],
    ...{ status: "open", expired: false, validMinutes: approvals.validMinutes, answers: [], links: [] },
  };
}
