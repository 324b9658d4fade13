import type { AuditLog } from "../audit/audit-log.ts";
import type { Policy } from "../policy/policy.ts";
import type { RunControl } from "../runs/run-control.ts";
import { type Answer, type Approval, withAnswer } from "./approval.ts";
import type { ApprovalStore } from "./approval-store.ts";
import { findLink } from "./links.ts";

/** Why an answer does not count. */
export class AnswerRefused extends Error {
  override name = "AnswerRefused";
  readonly code:
    | "UnknownQuestion"
    | "Decided"
    | "Expired"
    | "LinkUsed"
    | "LinkWrong"
    | "NotAnApprover"
    | "Requester"
    | "AnsweredBefore";

  constructor(code: AnswerRefused["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** Whether the question, or the link, was good once and is so no more. */
export const isGone = ({ code }: AnswerRefused): boolean => ["Decided", "Expired", "LinkUsed"].includes(code);

/** How somebody answers: by a link's secret, or as a person who has proved who they are. */
export type Answering =
  | { secret: string }
  | { by: string; objectId: string; via: "token" }
  | { by: string; via: "slack" };

interface Reached {
  approvals: ApprovalStore;
  audit: AuditLog;
  runs: RunControl;
  policy: () => Policy;
}

/** In the audit where no run is known. */
const NO_RUN = "approvals";

/**
 * Takes an answer to a question: once from each approver, never from who asked, and not after it was decided or expired.
 * Every answer and every refusal is on record; the run that waits is told.
 *
 * @throws AnswerRefused
 */
export async function answerQuestion(
  { approvals, audit, runs, policy }: Reached,
  id: string,
  answering: Answering,
  { approved, reason }: { approved: boolean; reason: string },
): Promise<Approval> {
  const known = await approvals.get(id);
  const entry = {
    runId: known?.runId ?? NO_RUN,
    activity: "answerQuestion",
    effect: "write" as const,
    target: `approval ${id.slice(0, 40)}`,
    ...(known?.about.machineId && { machineId: known.about.machineId }),
  };
  try {
    const after = await approvals.change(id, (approval, now) => {
      const answer = checked(approval, answering, { approved, reason, at: now.toISOString() }, policy());
      return withAnswer(useLink(approval, answering, answer.at), answer);
    });
    if (!after) throw new AnswerRefused("UnknownQuestion", "There is no such question");
    // It counts from here on. Neither a run that cannot be told nor a record that fails keeps the other from being tried.
    try {
      await tellRun(after);
    } finally {
      const last = after.answers.at(-1);
      await audit.record({
        ...entry,
        event: "done",
        code: approved ? "Approved" : "Declined",
        reason: `${last?.by} said ${approved ? "yes" : "no"} by ${last?.via}${reason ? `: ${reason}` : ""}`,
      });
    }
    return after;
  } catch (error) {
    if (error instanceof AnswerRefused) {
      const who = "secret" in answering ? "a link" : answering.by;
      const why = `An answer by ${who} was refused: ${error.message}`;
      await audit.record({ ...entry, event: "denied", code: error.code, reason: why });
      // Whoever answers again may have seen the first answer fail after it counted, before the run was told.
      if (known && ANSWERED.has(error.code)) await tellRun((await approvals.get(id)) ?? known);
    }
    throw error;
  }

  async function tellRun({ runId, event, answers }: Approval): Promise<void> {
    if (event) await runs.tell(runId, event, { answers: answers.length });
  }
}

const ANSWERED: ReadonlySet<string> = new Set(["Decided", "LinkUsed", "AnsweredBefore"]);

/**
 * The question that a link still answers, for the page that asks for the answer. Answers nothing.
 *
 * @throws AnswerRefused, which is on record
 */
export async function openLink(
  { approvals, audit }: Pick<Reached, "approvals" | "audit">,
  id: string,
  secret: string,
  now: number = Date.now(),
): Promise<{ approval: Approval; approver: string }> {
  const approval = await approvals.get(id);
  try {
    if (!approval) throw new AnswerRefused("UnknownQuestion", "There is no such question");
    const { approver } = linkOf(approval, secret);
    underWay(approval, now);
    return { approval, approver };
  } catch (error) {
    if (error instanceof AnswerRefused) {
      await audit.record({
        runId: approval?.runId ?? NO_RUN,
        activity: "answerQuestion",
        effect: "write",
        target: `approval ${id.slice(0, 40)}`,
        event: "denied",
        code: error.code,
        reason: `A link was refused: ${error.message}`,
      });
    }
    throw error;
  }
}

type Said = Pick<Answer, "approved" | "reason" | "at">;

/** The answer as it counts. */
function checked(approval: Approval, answering: Answering, said: Said, policy: Policy): Answer {
  const person =
    "secret" in answering ? { by: linkOf(approval, answering.secret).approver, via: "link" as const } : answering;
  underWay(approval, Date.parse(said.at));
  const { by, via } = person;
  const objectId = "objectId" in person ? person.objectId : undefined;
  const who: Answer = { ...said, by: by.toLowerCase(), via, ...(objectId !== undefined && { objectId }) };

  if (!mayAnswer(approval, who, policy)) throw new AnswerRefused("NotAnApprover", `${by} is not asked`);
  const requester = approval.requestedBy;
  if (requester && [who.by, who.objectId].includes(requester)) {
    throw new AnswerRefused("Requester", `${by} has asked for it and may not answer`);
  }
  const isAnswered = approval.answers.some(
    (one) => one.by === who.by || (objectId !== undefined && one.objectId === objectId),
  );
  if (isAnswered) throw new AnswerRefused("AnsweredBefore", `${by} has answered before`);
  return who;
}

/** Named approvers answer any way; where none are named, whoever has a role of the policy and a token that says so. */
function mayAnswer({ approvers }: Approval, { by, via }: Answer, policy: Policy): boolean {
  if (approvers.length > 0) return approvers.includes(by);
  return via === "token" || policy.approvals.approvers.some(({ id }) => id === by);
}

function linkOf(approval: Approval, secret: string) {
  const link = findLink(approval, secret);
  if (!link) throw new AnswerRefused("LinkWrong", "the link is not one of this question");
  if (link.usedAt) throw new AnswerRefused("LinkUsed", `the link of ${link.approver} was used before`);
  return link;
}

function underWay({ status, expiresAt }: Approval, now: number): void {
  if (status !== "open") throw new AnswerRefused("Decided", `it is ${status} already`);
  if (now >= Date.parse(expiresAt)) throw new AnswerRefused("Expired", "its time is over");
}

/** All links of the approver are used up with one: an answer is given once. */
function useLink(approval: Approval, answering: Answering, at: string): Approval {
  if (!("secret" in answering)) return approval;
  const { approver } = linkOf(approval, answering.secret);
  const links = approval.links.map((link) => (link.approver === approver ? { ...link, usedAt: at } : link));
  return { ...approval, links };
}
