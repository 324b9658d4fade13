import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { observablesOf } from "../../shared/defender/alerts/observables-of.ts";
import { huntsForAlert } from "../../shared/defender/hunting/hunts-for-alert.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { StepFailed } from "../../shared/errors.ts";
import { attempt, defineRunbook, overOutages, waitUntil } from "../../shared/playbook.ts";
import { getAlert } from "../activities/get-alert.ts";
import { getAlertEvidence } from "../activities/get-alert-evidence.ts";
import { UNTIL_SHOWN } from "./any-alert.ts";
import { FINDING, huntFindings, machineFindings, prevalenceFindings } from "./findings.ts";
import { aboutAlert, openTicketOfRun, TELLING } from "./ticket-of-run.ts";

/** Tells people what they would look up first. */
export const enrichAlert = defineRunbook({
  name: "enrich-alert",
  version: 1,
  summary: "Looks up what is known around an alert, and writes it on ticket and alert.",
  when: "An alert is to be judged by a person.",
  does: "Reads the device and its users, how common the files, addresses and domains of the alert are, related alerts, and what hunting finds around it, and writes all of it on ticket and alert.",
  asks: "Nobody.",
  never: "Changes anything but ticket and alert, or judges the alert.",
  undo: "Nothing to undo.",
  uses: [getAlert, getAlertEvidence, ...FINDING, ...TELLING],
  input: z.object({
    ...aboutAlert,
    alertId: AlertId.describe("The alert that is looked into"),
    machineId: MachineId.optional().describe("Defender's id of the device; that of the alert if left out"),
    mostObservables: z.int().min(0).max(20).default(5).describe("How many files, addresses and domains are looked up"),
  }),

  *steps(run, input) {
    const { alertId, mostObservables } = input;
    run.report("reading the alert");
    const read = () => overOutages(run, () => run.step(getAlert, { alertId }));
    const alert = yield* waitUntil(run, read, (seen) => seen !== null, UNTIL_SHOWN);
    if (alert instanceof StepFailed) throw alert;
    if (!alert) throw new StepFailed(getAlert.name, "ResourceNotFound", `Defender does not show alert ${alertId}`);

    const evidence = yield* attempt(run.step(getAlertEvidence, { alertId }));
    const observables = observablesOf(evidence instanceof StepFailed ? [] : evidence.rows);
    const machineId = input.machineId ?? MachineId.safeParse(alert.machineId).data;

    run.report("looking up device, files and addresses");
    const about = `${alert.title ?? "alert without a title"} (${alertId}), ${alert.category ?? "category unknown"}`;
    const lines = [
      ...(evidence instanceof StepFailed ? [`Evidence: could not be read (${evidence.reason}).`] : []),
      ...(machineId ? yield* machineFindings(run, machineId, alertId) : ["Device: the alert names none."]),
      ...(yield* prevalenceFindings(run, observables, { alertId, atMost: mostObservables })),
    ];
    run.report("hunting");
    if (machineId) lines.push(...(yield* huntFindings(run, huntsForAlert(alert, machineId, observables))));

    const ticket = yield* openTicketOfRun(
      run,
      { ...input, severity: alert.severity ?? input.severity },
      { title: "alert to be judged", lines: [about] },
    );
    const words = `${lines.length} findings around the alert`;
    const told = yield* ticket.close(`${words}:\n${lines.join("\n")}\n`);
    return { outcome: "done", words, alertId, machineId, lines, ...told };
  },
});
