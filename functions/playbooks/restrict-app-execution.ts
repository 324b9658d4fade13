import { z } from "zod";
import { defineRunbook } from "../../shared/playbook.ts";
import { restrictCodeExecution } from "../activities/restrict-code-execution.ts";
import { CARRYING_OUT, carryOut, commentFor, onMachine } from "./carry-out.ts";

const WHAT = "App restriction";

/** Lets a device run only what Microsoft has signed. */
export const restrictAppExecution = defineRunbook({
  name: "restrict-app-execution",
  version: 1,
  summary: "Lets a device run only programs that Microsoft has signed.",
  when: "Something bad runs on a device that must stay on the network.",
  does: "Restricts the device to programs signed by Microsoft, follows that to its end, and says on ticket and alert what came of it.",
  asks: "Nobody by itself.",
  never: "Ends the restriction by itself: that is what remove-app-restriction does.",
  undo: "`POST /api/runs/{id}/undo`, or runbook remove-app-restriction.",
  uses: [restrictCodeExecution, ...CARRYING_OUT],
  input: z.object(onMachine),

  *steps(run, input) {
    const { machineId } = input;
    const askedAt = run.now().toISOString();
    const restriction = yield* carryOut(run, input, {
      what: WHAT,
      request: () => run.step(restrictCodeExecution, { machineId, comment: commentFor(WHAT, input), askedAt }),
    });
    return yield* restriction.close();
  },
});
