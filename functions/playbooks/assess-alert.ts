import type { z } from "zod";
import type { Alert, AlertId } from "../../shared/defender/alerts/alert.ts";
import { StepFailed } from "../../shared/errors.ts";
import { ASSESS_ALERT } from "../../shared/intake/admit.ts";
import { AlertFacts, mergeFacts } from "../../shared/intake/alert-facts.ts";
import { factsOfAlert } from "../../shared/intake/facts-of-alert.ts";
import { Mode } from "../../shared/mode.ts";
import { definePlaybook, overOutages, type Run, waitUntil } from "../../shared/playbook.ts";
import { admitAlert } from "../activities/admit-alert.ts";
import { getAlert } from "../activities/get-alert.ts";

/** An alert may be streamed a little before Defender shows it. */
const PACE = { first: { seconds: 5 }, factor: 2, most: { minutes: 2 } };

const Input = AlertFacts.extend({ mode: Mode.optional() });

/**
 * Assess alert
 *
 * When  what was streamed of an alert does not say how severe it is or which machine it hit, and the rest did not come.
 * Does  reads the alert from Defender, and starts the playbook it calls for, or records why none.
 * Undo  nothing to undo: it changes nothing.
 */
export const assessAlert = definePlaybook({
  name: ASSESS_ALERT,
  version: 3,
  summary: "Completes an alert from Defender and starts the playbook it calls for.",
  input: Input,

  *steps(run, facts) {
    run.report("reading the alert from Defender");
    const alert = yield* waitUntil(run, () => read(run, facts.alertId), isShown, {
      pace: PACE,
      atMost: { minutes: 5 },
    });
    const complete = alert instanceof StepFailed || !alert ? facts : completed(facts, alert);
    const admitted = yield* overOutages(run, () => run.step(admitAlert, complete));
    if (admitted instanceof StepFailed) throw admitted;
    run.report(admitted.verdict === "run" ? "a playbook was started" : "nothing to do, reason recorded");
    return { alertId: facts.alertId, ...admitted };
  },
});

/** What was streamed counts: the API names one machine of several, and may be behind. */
function completed({ mode, ...streamed }: z.output<typeof Input>, alert: Alert): z.output<typeof Input> {
  const shown = factsOfAlert(alert, streamed.tenantId);
  const machineIds = streamed.machineIds.length === 0 ? shown.machineIds : [];
  const [merged = streamed] = mergeFacts([streamed, { ...shown, machineIds }]);
  const { title = merged.title, severity = merged.severity } = streamed;
  return { ...merged, title, severity, mode };
}

const read = (run: Run, alertId: AlertId) => overOutages(run, () => run.step(getAlert, { alertId }));

const isShown = (seen: unknown): boolean => seen !== null;
