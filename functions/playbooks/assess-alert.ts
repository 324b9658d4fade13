import { z } from "zod";
import type { Alert, AlertId } from "../../shared/defender/alerts/alert.ts";
import { StepFailed } from "../../shared/errors.ts";
import { ASSESS_ALERT } from "../../shared/intake/admit.ts";
import { AlertFacts, mergeFacts } from "../../shared/intake/alert-facts.ts";
import { factsOfAlert } from "../../shared/intake/facts-of-alert.ts";
import type { MachineFacts } from "../../shared/intake/known-machines.ts";
import { Mode } from "../../shared/mode.ts";
import { definePlaybook, overOutages, type Run, type Steps, waitUntil } from "../../shared/playbook.ts";
import { admitAlert } from "../activities/admit-alert.ts";
import { getAlert } from "../activities/get-alert.ts";
import { readMachineFacts } from "../activities/read-machine-facts.ts";

/** An alert may be streamed a little before Defender shows it. */
const PACE = { first: { seconds: 5 }, factor: 2, most: { minutes: 2 } };

const Input = AlertFacts.extend({
  mode: Mode.optional(),
  isComplete: z.boolean().default(false).describe("Whether only machines are to be read, for the rules"),
});

/**
 * Assess alert
 *
 * When  what was streamed of an alert does not say how severe it is or which machine it hit, and the rest did not come.
 * Also  when a rule depends on a machine that was not read lately.
 * Does  reads the alert, or the machines, from Defender, and starts the playbook it calls for, or records why none.
 * Undo  nothing to undo: it changes nothing.
 */
export const assessAlert = definePlaybook({
  name: ASSESS_ALERT,
  version: 3,
  summary: "Completes an alert from Defender and starts the playbook it calls for.",
  input: Input,

  *steps(run, { isComplete, ...facts }) {
    const complete = isComplete ? facts : yield* completed(run, facts);
    const admitted = yield* admit(run, complete);
    run.report(admitted.verdict === "run" ? "a playbook was started" : "nothing to do, reason recorded");
    return { alertId: facts.alertId, ...admitted };
  },
});

type Facts = Omit<z.output<typeof Input>, "isComplete">;

/** Has it decided about the alert; machines that a rule depends on are read in between. */
function* admit(run: Run, facts: Facts) {
  const first = yield* decided(run, facts);
  if (first.unread.length === 0) return first;
  run.report("reading machines, as a rule depends on them");
  const machines: MachineFacts[] = [];
  for (const machineId of first.unread) {
    const machine = yield* overOutages(run, () => run.step(readMachineFacts, { tenantId: facts.tenantId, machineId }));
    if (!(machine instanceof StepFailed)) machines.push(machine);
  }
  return yield* decided(run, { ...facts, machines });
}

function* decided(run: Run, facts: Facts & { machines?: MachineFacts[] }) {
  const admitted = yield* overOutages(run, () => run.step(admitAlert, facts));
  if (admitted instanceof StepFailed) throw admitted;
  return admitted;
}

function* completed(run: Run, facts: Facts): Steps<Facts> {
  run.report("reading the alert from Defender");
  const alert = yield* waitUntil(run, () => read(run, facts.alertId), isShown, { pace: PACE, atMost: { minutes: 5 } });
  return alert instanceof StepFailed || !alert ? facts : merged(facts, alert);
}

/** What was streamed counts: the API names one machine of several, and may be behind. */
function merged({ mode, ...streamed }: Facts, alert: Alert): Facts {
  const shown = factsOfAlert(alert, streamed.tenantId);
  const machineIds = streamed.machineIds.length === 0 ? shown.machineIds : [];
  const [all = streamed] = mergeFacts([streamed, { ...shown, machineIds, namedMachineIds: machineIds }]);
  const { title = all.title, severity = all.severity } = streamed;
  return { ...all, title, severity, mode };
}

const read = (run: Run, alertId: AlertId) => overOutages(run, () => run.step(getAlert, { alertId }));

const isShown = (seen: unknown): boolean => seen !== null;
