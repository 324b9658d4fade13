import { z } from "zod";
import { AlertId } from "../../../shared/defender/alerts/alert.ts";
import { IsolationType } from "../../../shared/defender/machine-actions/machine-action.ts";
import { MachineId, machineLabel } from "../../../shared/defender/machines/machine.ts";
import { StepFailed } from "../../../shared/errors.ts";
import { attempt, defineRunbook, type Run, type Steps } from "../../../shared/playbook.ts";
import { addTicketNote } from "../../activities/add-ticket-note.ts";
import { closeCase } from "../../activities/close-case.ts";
import { collectInvestigationPackage } from "../../activities/collect-investigation-package.ts";
import { commentOnAlerts } from "../../activities/comment-on-alerts.ts";
import { extendLease } from "../../activities/extend-lease.ts";
import { getAlert } from "../../activities/get-alert.ts";
import { getMachine } from "../../activities/get-machine.ts";
import { isolateMachine } from "../../activities/isolate-machine.ts";
import { listLoggedOnUsers } from "../../activities/list-logged-on-users.ts";
import { openTicket } from "../../activities/open-ticket.ts";
import { settleLease } from "../../activities/settle-lease.ts";
import { startLease } from "../../activities/start-lease.ts";
import { storePackage } from "../../activities/store-package.ts";
import { takeJoinedAlerts } from "../../activities/take-joined-alerts.ts";
import { updateAlert } from "../../activities/update-alert.ts";
import {
  commentOnAlert,
  describeContainment,
  followIsolation,
  gatherPackage,
  mayBeContained,
  noteOnTicket,
  requestIsolation,
} from "../containment.ts";
import { FOLLOWING } from "../follow-machine-action.ts";
import { joinedAlerts } from "../joined-alerts.ts";
import { leaseOf } from "../lease-of.ts";

/** What may stand in the key of a ticket or a case. */
const KEY_TEXT = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

const LONGEST_TITLE = 200;
const shortened = (text: string): string => text.slice(0, LONGEST_TITLE);

/** Contain device, as runs go on with it that began before people found a ticket when they were asked. */
export const containDeviceV4 = defineRunbook({
  name: "contain-device",
  version: 4,
  summary: "Isolates a device, collects its investigation package, opens a ticket and updates the alert.",
  when: "An alert shows an attacker at work on a device.",
  does: "Isolates the device, follows the isolation to its final state, collects the investigation package, opens a ticket, and writes what really happened on ticket and alert. Alerts of the device that come meanwhile join the run and are told what came of it. At the end of its time, where the policy or the request names one, a run of its own releases the device.",
  asks: "Nobody by itself.",
  never: "Isolates a critical asset: the policy refuses, and the ticket asks a person.",
  undo: "`POST /api/runs/{id}/undo`, or release the device: runbook release-device, or the Defender portal.",
  uses: [
    ...[isolateMachine, getMachine, listLoggedOnUsers, getAlert, openTicket, addTicketNote, updateAlert],
    ...[collectInvestigationPackage, storePackage, ...FOLLOWING],
    ...[startLease, extendLease, settleLease, takeJoinedAlerts, commentOnAlerts, closeCase],
  ],
  perMachine: true,
  input: z.object({
    tenantId: z.string().regex(KEY_TEXT).optional().describe("Entra tenant the alert belongs to"),
    alertId: AlertId.optional().describe("Alert to comment on; leave out to contain a device without one"),
    machineId: MachineId.describe("Defender's id of the device, never its name"),
    incidentId: z
      .string()
      .regex(KEY_TEXT)
      .optional()
      .describe("Its containments share a ticket; read from the alert if left out"),
    alertTitle: z.string().transform(shortened).optional().describe("Stands in the title of the ticket"),
    severity: z.string().max(32).default("High").describe("Of the alert, and of the ticket"),
    isolationType: IsolationType.default("Full"),
    queuedAfterSeconds: z
      .number()
      .positive()
      .max(86_400)
      .default(120)
      .describe("When to say that the device is offline"),
    joinMinutes: z
      .number()
      .nonnegative()
      .max(1_440)
      .default(10)
      .describe("For how long after the last alert of the device further ones join the run"),
    leaseHours: z
      .number()
      .nonnegative()
      .max(8_760)
      .optional()
      .describe("When the device is released again; 0 = never by itself; as the policy says if left out"),
  }),

  *steps(run, input) {
    const { alertId, machineId, severity } = input;
    const about = alertId ? `alert ${alertId}` : "a request without an alert";

    const request = { ...input, about, askedAt: run.now().toISOString() };

    // First of all: the policy reads the machine by itself.
    const isolation = yield* requestIsolation(run, request);
    const machine = yield* attempt(run.step(getMachine, { machineId }));
    const users = yield* attempt(run.step(listLoggedOnUsers, { machineId }));

    const machineName = machine instanceof StepFailed ? machineId : machineLabel(machine);
    const title = `${severity}: ${input.alertTitle ?? "device containment"} on ${machineName}`;
    const description = describeContainment({ about, machine, users, isolation });
    const incident = yield* incidentOf(run, input);
    const opened = yield* attempt(run.step(openTicket, { title, description, severity, incident }));
    const ticketId = opened instanceof StepFailed ? undefined : opened.id;

    const joined = joinedAlerts(
      run,
      { tenantId: input.tenantId ?? "home", machineId, playbook: "contain-device" },
      alertId,
    );
    const lease = leaseOf(run, { machineId, alertId, hours: input.leaseHours, askedAt: request.askedAt });
    const containment = yield* followIsolation(run, isolation, {
      ...request,
      meanwhile: joined.tell,
      onQueued: lease.queue,
    });
    run.report(containment.words);
    const ends = yield* lease.begin(containment);
    if (containment.isolated) yield* commentOnAlert(run, alertId, "isolated", `${containment.words}.${ends}`);
    const gathered = containment.isolated ? yield* gatherPackage(run, { machineId, about, alertId }) : undefined;

    const ticket = ticketId ? `Ticket ${ticketId}.` : "No ticket could be opened.";
    const closing = `${containment.words}.${ends} ${gathered?.words ?? "No package was collected."} ${ticket}`;
    const alertUpdated = yield* commentOnAlert(run, alertId, "closing", closing);
    yield* noteOnTicket(run, "closing", alertUpdated ? closing : `${closing} The alert could not be told.`);

    const ending = { words: closing, contained: mayBeContained(containment) };
    const joinedCount = yield* joined.end(ending, {
      quiet: { seconds: input.joinMinutes * 60 },
      *again(askedAt) {
        const request = { ...input, about, askedAt };
        const isolation = yield* requestIsolation(run, request);
        const again = yield* followIsolation(run, isolation, { ...request, alertId: undefined });
        run.report(again.words);
        const words = `${again.words}.${yield* lease.extend(again, askedAt)} ${ticket}`;
        return { words, contained: mayBeContained(again) };
      },
    });

    return {
      outcome: containment.outcome,
      words: containment.words,
      alertId,
      machineId,
      machineName,
      machineActionId: containment.machineActionId,
      package: gathered?.package,
      ticketId,
      alertUpdated,
      joinedAlerts: joinedCount,
    };
  },
});

/** Tenant and id of the incident that the alert belongs to. A containment is not held up where that cannot be read. */
function* incidentOf(
  run: Run,
  {
    tenantId = "home",
    alertId,
    incidentId,
  }: { [key in "tenantId" | "incidentId"]?: string | undefined } & {
    alertId?: AlertId | undefined;
  },
): Steps<string | undefined> {
  const alert = alertId && !incidentId ? yield* attempt(run.step(getAlert, { alertId })) : undefined;
  const id = incidentId ?? (alert instanceof StepFailed ? undefined : alert?.incidentId);
  return id === null || id === undefined ? undefined : `${tenantId}:${id}`;
}
