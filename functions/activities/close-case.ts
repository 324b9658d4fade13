import { z } from "zod";
import { defineActivity } from "../../shared/playbook.ts";
import { CaseOfRun, caseKeyOf } from "./case-of-run.ts";

/**
 * Says that a run takes in no more alerts; the next one of its machine opens a new case. Safe to repeat.
 *
 * @param input.seen how many alerts the run has taken in
 * @param input.contained whether it may have taken something from the machine: if not, a cool-down does not begin
 * @returns `closed: false` when more have come meanwhile: they have to be taken in first
 */
export const closeCase = defineActivity({
  name: "closeCase",
  summary: "Ends the case of a run, unless alerts have joined it meanwhile.",
  effect: "write",
  isBookkeeping: true,
  calls: [],
  repeat: "sets",
  input: CaseOfRun.extend({ seen: z.int().nonnegative(), contained: z.boolean().default(true) }),
  output: z.object({ closed: z.boolean(), latestAt: z.string().optional().describe("When the latest alert came") }),

  async perform({ seen, contained, ...ofRun }, { cases }, { runId }) {
    const closing = await cases.close(caseKeyOf(ofRun), runId, { seen, contained });
    return closing.isClosed ? { closed: true } : { closed: false, latestAt: closing.latestAt };
  },
});
