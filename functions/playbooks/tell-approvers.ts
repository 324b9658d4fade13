import { TELL_APPROVERS, TellingApprovers } from "../../shared/approvals/telling-approvers.ts";
import { definePlaybook } from "../../shared/playbook.ts";
import { remindApprovers } from "../activities/remind-approvers.ts";

/** Tells those of a question who could not be told at first, for as long as a step is tried, while the run waits. */
export const tellApprovers = definePlaybook({
  name: TELL_APPROVERS,
  version: 1,
  summary: "Tells those of a question again whose channels were down.",
  input: TellingApprovers,

  *steps(run, telling) {
    return yield* run.step(remindApprovers, { ...telling, isAgain: true });
  },
});
