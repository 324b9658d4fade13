import { z } from "zod";
import { MachineId } from "../../shared/defender/machine.ts";
import { ASSESS_ALERT } from "../../shared/intake/admit.ts";
import { AlertFacts } from "../../shared/intake/alert-facts.ts";
import { definePlaybook, waitUntil } from "../../shared/playbook.ts";
import { admitAlert } from "../activities/admit-alert.ts";
import { getAlert } from "../activities/get-alert.ts";

/**
 * Assess alert
 *
 * When  what was streamed of an alert does not say how severe it is or which machine it hit.
 * Does  waits a moment, reads the alert from Defender, and starts the playbook it calls for, or records why none.
 * Undo  nothing to undo: it changes nothing.
 */
export const assessAlert = definePlaybook({
  name: ASSESS_ALERT,
  version: 1,
  summary: "Completes an alert from Defender and starts the playbook it calls for.",
  input: AlertFacts.extend({ settleSeconds: z.number().nonnegative().default(30) }),

  *steps(run, { settleSeconds, ...facts }) {
    run.report("waiting for the rest of the alert");
    yield* run.sleep({ seconds: settleSeconds });

    const isShown = (seen: unknown) => seen !== null;
    const pace = { first: { seconds: 5 }, factor: 2, most: { minutes: 2 } };
    const alert = yield* waitUntil(run, getAlert, { alertId: facts.alertId }, isShown, {
      pace,
      atMost: { minutes: 5 },
    });

    const machineId = MachineId.safeParse(alert?.machineId).data;
    const admitted = yield* run.step(admitAlert, {
      ...facts,
      title: facts.title ?? alert?.title ?? undefined,
      severity: facts.severity ?? alert?.severity ?? undefined,
      machineIds: facts.machineIds.length === 0 && machineId ? [machineId] : facts.machineIds,
    });
    run.report(admitted.verdict === "run" ? "a playbook was started" : "nothing to do, reason recorded");
    return { alertId: facts.alertId, ...admitted };
  },
});
