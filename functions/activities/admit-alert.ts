import { z } from "zod";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { carryOut } from "../../shared/intake/admit.ts";
import { AlertFacts } from "../../shared/intake/alert-facts.ts";
import { assess } from "../../shared/intake/assess.ts";
import { MachineFacts } from "../../shared/intake/known-machines.ts";
import { Mode, modeUnder } from "../../shared/mode.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Decides about an alert with all that can be known of it: starts the runs it calls for, or records why none is started.
 *
 * @returns `unread`: machines that a rule depends on and that have to be given; what does not depend on them is started
 * Safe to repeat: ids of runs follow from alerts and cases, so a run that is there is not started again.
 */
export const admitAlert = defineActivity({
  name: "admitAlert",
  summary: "Decides which playbooks an alert calls for and starts them, or records why none.",
  effect: "write",
  isBookkeeping: true,
  calls: [],
  repeat: "adopts",
  input: AlertFacts.extend({
    mode: Mode.optional(),
    machines: z.array(MachineFacts).optional().describe("Those that could be read, once they were asked for"),
  }),
  output: z.object({
    verdict: z.string(),
    started: z.number(),
    joined: z.number(),
    duplicates: z.number(),
    unread: z.array(MachineId).default([]),
  }),

  async perform({ mode: wanted, machines, ...facts }, services, asking) {
    const mode = modeUnder(asking.mode, wanted);
    const known = await services.alerts.add(facts);
    const read = new Map(machines?.map((machine) => [machine.id, machine]));
    const isFinal = machines !== undefined;
    const assessment = assess(known, { rules: services.rules(), machines: read, now: new Date(), isFinal });
    const final = assessment.verdict === "incomplete" ? { ...assessment, verdict: "ignored" as const } : assessment;
    const admitted = await carryOut([{ facts: known, assessment: final, mode }], services);
    const unread = final.verdict === "unread" ? final.machineIds : [];
    return { verdict: final.verdict, ...admitted, unread };
  },
});
