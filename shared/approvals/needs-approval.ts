import { PermanentError } from "../errors.ts";
import type { Question } from "./approval.ts";

/** A step that a person has to approve, and the question that asks for it. */
export class NeedsApprovalError extends PermanentError {
  readonly question: Question;

  constructor(reason: string, question: Question) {
    super("NeedsApproval", reason);
    this.question = question;
  }
}
