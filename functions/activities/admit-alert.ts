import { z } from "zod";
import { settle } from "../../shared/intake/admit.ts";
import { AlertFacts } from "../../shared/intake/alert-facts.ts";
import { assess } from "../../shared/intake/assess.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Decides about an alert with all that can be known of it: starts the runs it calls for, or records why none is started.
 *
 * Safe to repeat: ids of runs follow from the alert, so a run that is there is not started again.
 */
export const admitAlert = defineActivity({
  name: "admitAlert",
  summary: "Decides which playbooks an alert calls for and starts them, or records why none.",
  effect: "write",
  calls: [],
  repeat: "adopts",
  input: AlertFacts,
  output: z.object({ verdict: z.string(), started: z.number(), duplicates: z.number() }),

  async perform(facts, services) {
    const { tenantId, alertId } = facts;
    const known = await services.decisions.ofAlert(alertId);
    const assessment = assess(facts, services.rules);
    // Evidence that came meanwhile may have started runs: then the alert is not one that nothing was done about.
    const isContained = known.some((decision) => decision.tenantId === tenantId && decision.verdict === "run");
    if (isContained && assessment.verdict !== "run") {
      const reason = "its evidence named the machines that were hit";
      await services.decisions.record({ tenantId, alertId, verdict: "run", reason });
      return { verdict: "run", started: 0, duplicates: 0 };
    }

    const admitted = await settle(facts, assessment, services);
    if (assessment.verdict === "run") {
      const reason = `completed from Defender: ${assessment.runs.length} machine(s) were hit`;
      await services.decisions.record({ tenantId, alertId, verdict: "run", reason });
    }
    return { verdict: assessment.verdict, ...admitted };
  },
});
