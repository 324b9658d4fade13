import { z } from "zod";
import { defineActivity } from "../../shared/playbook.ts";
import { CaseOfRun, caseKeyOf } from "./case-of-run.ts";

/**
 * Says that a run takes in no more alerts; the next one of its machine opens a new case. Safe to repeat.
 *
 * @param input.seen how many alerts the run has taken in
 * @returns `closed: false` when more have come meanwhile: they have to be taken in first
 */
export const closeCase = defineActivity({
  name: "closeCase",
  summary: "Ends the case of a run, unless alerts have joined it meanwhile.",
  effect: "write",
  isBookkeeping: true,
  calls: [],
  repeat: "sets",
  input: CaseOfRun.extend({ seen: z.int().nonnegative() }),
  output: z.object({ closed: z.boolean(), latestAt: z.string().optional().describe("When the latest alert came") }),

  async perform({ seen, ...ofRun }, { cases }, { runId }) {
    const closing = await cases.close(caseKeyOf(ofRun), runId, seen);
    return closing.isClosed ? { closed: true } : { closed: false, latestAt: closing.latestAt };
  },
});
