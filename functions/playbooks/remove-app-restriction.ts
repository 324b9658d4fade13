import { z } from "zod";
import { RESTRICTION } from "../../shared/defender/machine-actions/opposites.ts";
import { defineRunbook } from "../../shared/playbook.ts";
import { unrestrictCodeExecution } from "../activities/unrestrict-code-execution.ts";
import { CARRYING_OUT, carryOut, commentFor, onMachine } from "./carry-out.ts";

const WHAT = "Removal of the app restriction";

/** Lets a restricted device run everything again. */
export const removeAppRestriction = defineRunbook({
  name: "remove-app-restriction",
  version: 1,
  summary: "Lets a restricted device run all programs again.",
  when: "A person has found a restricted device to be clean.",
  does: "Removes the restriction, or cancels one that has not begun, follows that to its end, and says on ticket and alert what came of it.",
  asks: "A person where somebody else than this app has restricted the device, if the policy says `releaseOthers: ask`.",
  never: "Says that programs run again before Defender has confirmed it.",
  undo: "Runbook restrict-app-execution.",
  uses: [unrestrictCodeExecution, ...CARRYING_OUT],
  input: z.object(onMachine),

  *steps(run, input) {
    const { machineId } = input;
    const removal = yield* carryOut(run, input, {
      what: WHAT,
      takesBack: RESTRICTION.takes,
      request: () => run.step(unrestrictCodeExecution, { machineId, comment: commentFor(WHAT, input) }),
    });
    return yield* removal.close();
  },
});
