import { z } from "zod";
import { carryOut } from "../../shared/intake/admit.ts";
import { AlertFacts } from "../../shared/intake/alert-facts.ts";
import { assess } from "../../shared/intake/assess.ts";
import { Mode } from "../../shared/mode.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Decides about an alert with all that can be known of it: starts the runs it calls for, or records why none is started.
 *
 * Safe to repeat: ids of runs follow from alerts and cases, so a run that is there is not started again.
 */
export const admitAlert = defineActivity({
  name: "admitAlert",
  summary: "Decides which playbooks an alert calls for and starts them, or records why none.",
  effect: "write",
  isBookkeeping: true,
  calls: [],
  repeat: "adopts",
  input: AlertFacts.extend({ mode: Mode.optional() }),
  output: z.object({ verdict: z.string(), started: z.number(), joined: z.number(), duplicates: z.number() }),

  async perform({ mode, ...facts }, services) {
    const known = await services.alerts.add(facts);
    const assessment = assess(known, services.rules());
    const final = assessment.verdict === "incomplete" ? { ...assessment, verdict: "ignored" as const } : assessment;
    return { verdict: final.verdict, ...(await carryOut([{ facts: known, assessment: final, mode }], services)) };
  },
});
