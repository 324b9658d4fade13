import { z } from "zod";
import type { Outcome, Question } from "../../shared/approvals/approval.ts";
import { attempt, type Run, type Steps } from "../../shared/playbook.ts";
import { askQuestion, PRETENDED_QUESTION } from "../activities/ask-question.ts";
import { remindApprovers } from "../activities/remind-approvers.ts";
import { settleQuestion } from "../activities/settle-question.ts";
import { waitForAnswer } from "../activities/wait-for-answer.ts";

/** That somebody has answered. What it came to is read from where the answers are kept. */
const Answered = z.object({ answers: z.number() });

/**
 * Asks people, and waits for their decision or for the end of the question's time, when it is decided as the question
 * says for then. Reminds and escalates meanwhile. A no declines; so many different people as the quorum has to say yes.
 * Whoever asked for the run may not answer, unless `requestedBy` names somebody else.
 *
 * All waits are durable timers. A run that only pretends asks nobody, and goes on as if people had agreed.
 *
 * @throws StepFailed when the question could not be asked
 */
export function* ask(run: Run, question: z.input<typeof Question>): Steps<Outcome> {
  const { requestedBy = run.requestedBy } = question;
  const from = requestedBy === undefined ? {} : { requestedBy };
  const asked = yield* run.step(askQuestion, { ...question, ...from, askedAt: run.now().toISOString() });
  const { approvalId, quorum, expiresAt, remindAt, escalateAt } = asked;
  if (approvalId === PRETENDED_QUESTION) {
    return { approvalId, approved: true, by: [], reason: "nobody was asked, as nothing is done", expired: false };
  }
  const due = [
    ...(remindAt ? [{ at: Date.parse(remindAt), why: "reminder" as const }] : []),
    ...(escalateAt ? [{ at: Date.parse(escalateAt), why: "escalation" as const }] : []),
  ].sort((one, other) => one.at - other.at);

  let answersSeen = 0;
  run.report(`waiting for approval until ${expiresAt}: ${question.title}`);
  for (;;) {
    const next = due[0];
    const until = next?.at ?? Date.parse(expiresAt);
    const seconds = Math.max(0, until - run.now().getTime()) / 1000;
    const told = yield* run.waitFor(Answered, { seconds }, (event) =>
      run.step(waitForAnswer, { approvalId, event, answersSeen }),
    );
    if (!told && next) {
      due.shift();
      // Who was asked may answer without it.
      yield* attempt(run.step(remindApprovers, { approvalId, why: next.why }));
      continue;
    }
    const seen = yield* run.step(settleQuestion, { approvalId, at: run.now().toISOString() });
    answersSeen = seen.answers;
    if (seen.outcome) {
      run.report(seen.outcome.reason);
      return seen.outcome;
    }
    run.report(`${seen.yeses} of ${quorum} have said yes, waiting until ${expiresAt}: ${question.title}`);
  }
}
