import { z } from "zod";
import { AlertId } from "../../shared/defender/alert.ts";
import { MachineId, machineLabel } from "../../shared/defender/machine.ts";
import { IsolationType } from "../../shared/defender/machine-action.ts";
import { StepFailed } from "../../shared/errors.ts";
import { attempt, definePlaybook } from "../../shared/playbook.ts";
import { addTicketNote } from "../activities/add-ticket-note.ts";
import { getMachine } from "../activities/get-machine.ts";
import { listLoggedOnUsers } from "../activities/list-logged-on-users.ts";
import { openTicket } from "../activities/open-ticket.ts";
import {
  commentOnAlert,
  describeContainment,
  followIsolation,
  gatherPackage,
  requestIsolation,
} from "./containment.ts";

/**
 * Contain device
 *
 * When  an alert shows an attacker at work on a device.
 * Does  isolates the device, follows the isolation to its final state, collects the investigation package, opens a
 *       ticket, and writes what really happened on ticket and alert.
 * Never isolates a critical asset: the policy refuses, and the ticket asks a person.
 * Undo  release the device in the Defender portal.
 */
export const containDevice = definePlaybook({
  name: "contain-device",
  version: 1,
  summary: "Isolates a device, collects its investigation package, opens a ticket and updates the alert.",
  input: z.object({
    tenantId: z.string().optional().describe("Entra tenant the alert belongs to"),
    alertId: AlertId.optional().describe("Alert to comment on; leave out to contain a device without one"),
    machineId: MachineId.describe("Defender's id of the device, never its name"),
    alertTitle: z.string().max(500).optional(),
    severity: z.string().max(20).default("High"),
    isolationType: IsolationType.default("Full"),
    queuedAfterSeconds: z
      .number()
      .positive()
      .max(86_400)
      .default(120)
      .describe("When to say that the device is offline"),
  }),

  *steps(run, input) {
    const { alertId, machineId, severity } = input;
    const about = alertId ? `alert ${alertId}` : "a request without an alert";

    const machine = yield* attempt(run.step(getMachine, { machineId }));
    const isolation = yield* requestIsolation(run, { ...input, about });
    const users = yield* attempt(run.step(listLoggedOnUsers, { machineId }));

    const machineName = machine instanceof StepFailed ? machineId : machineLabel(machine);
    const ticket = yield* run.step(openTicket, {
      title: `${severity}: ${input.alertTitle ?? "device containment"} on ${machineName}`,
      description: describeContainment({ about, machine, users, isolation }),
      severity,
    });

    const containment = yield* followIsolation(run, isolation, input);
    run.report(containment.words);
    const gathered = containment.isolated ? yield* gatherPackage(run, { machineId, about }) : undefined;

    const closing = `${containment.words}. ${gathered?.words ?? "No package was collected."} Ticket ${ticket.id}.`;
    yield* run.step(addTicketNote, { key: "closing", text: closing });
    const alertUpdated = yield* commentOnAlert(run, alertId, "closing", closing);

    return {
      outcome: containment.outcome,
      words: containment.words,
      alertId,
      machineId,
      machineName,
      machineActionId: containment.machineActionId,
      package: gathered?.package,
      ticketId: ticket.id,
      alertUpdated,
    };
  },
});
