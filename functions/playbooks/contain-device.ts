import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { IsolationType } from "../../shared/defender/machine-actions/machine-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { attempt, defineRunbook, type Run } from "../../shared/playbook.ts";
import { knownSeverity } from "../../shared/severity.ts";
import { addTicketNote } from "../activities/add-ticket-note.ts";
import { closeCase } from "../activities/close-case.ts";
import { collectInvestigationPackage } from "../activities/collect-investigation-package.ts";
import { commentOnAlerts } from "../activities/comment-on-alerts.ts";
import { extendLease } from "../activities/extend-lease.ts";
import { getAlert } from "../activities/get-alert.ts";
import { getMachine } from "../activities/get-machine.ts";
import { isolateMachine } from "../activities/isolate-machine.ts";
import { listLoggedOnUsers } from "../activities/list-logged-on-users.ts";
import { notify } from "../activities/notify.ts";
import { openTicket } from "../activities/open-ticket.ts";
import { setTicketStatus } from "../activities/set-ticket-status.ts";
import { settleLease } from "../activities/settle-lease.ts";
import { startLease } from "../activities/start-lease.ts";
import { storePackage } from "../activities/store-package.ts";
import { takeJoinedAlerts } from "../activities/take-joined-alerts.ts";
import { updateAlert } from "../activities/update-alert.ts";
import {
  type Containment,
  commentOnAlert,
  describeRequest,
  followIsolation,
  gatherPackage,
  mayBeContained,
  requestIsolation,
} from "./containment.ts";
import { FOLLOWING } from "./follow-machine-action.ts";
import { joinedAlerts } from "./joined-alerts.ts";
import { leaseOf } from "./lease-of.ts";
import { ticketOfContainment } from "./ticket-of-containment.ts";

/** What may stand in the key of a ticket or a case. */
const KEY_TEXT = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

const LONGEST_TITLE = 200;
const shortened = (text: string): string => text.slice(0, LONGEST_TITLE);

/** Isolates a device. Its alerts that come meanwhile join the run: each is told what came of it. */
export const containDevice = defineRunbook({
  name: "contain-device",
  version: 5,
  summary: "Isolates a device, collects its investigation package, opens a ticket and updates the alert.",
  when: "An alert shows an attacker at work on a device.",
  does: "Isolates the device, follows the isolation to its final state, tells people over their channels, collects the investigation package, opens a ticket, and writes what really happened on ticket and alert. Alerts of the device that come meanwhile join the run and are told what came of it. At the end of its time, where the policy or the request names one, a run of its own releases the device.",
  asks: "Nobody by itself.",
  never: "Isolates a critical asset: the policy refuses, and the ticket asks a person.",
  undo: "`POST /api/runs/{id}/undo`, or release the device: runbook release-device, or the Defender portal.",
  uses: [
    ...[
      isolateMachine,
      getMachine,
      listLoggedOnUsers,
      getAlert,
      openTicket,
      addTicketNote,
      setTicketStatus,
      updateAlert,
      notify,
    ],
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
    const { alertId, machineId } = input;
    const about = alertId ? `alert ${alertId}` : "a request without an alert";
    const ticket = ticketOfContainment(run, { ...input, about });
    const request = {
      ...{ ...input, about, askedAt: run.now().toISOString() },
      beforeAsking: (question: string) => ticket.open(`People are asked:\n${question}`),
    };

    // First of all: the policy reads the machine by itself.
    const isolation = yield* requestIsolation(run, request);
    const machineName = yield* ticket.open(describeRequest(isolation));

    const joined = joinedAlerts(
      run,
      { tenantId: input.tenantId ?? "home", machineId, playbook: "contain-device" },
      alertId,
    );
    const lease = leaseOf(run, { machineId, alertId, hours: input.leaseHours, askedAt: request.askedAt });
    const containment = yield* followIsolation(run, isolation, {
      ...request,
      *meanwhile(words) {
        yield* ticket.catchUp();
        yield* joined.tell(words);
      },
      onQueued: lease.queue,
    });
    run.report(containment.words);
    const ends = yield* lease.begin(containment);
    if (containment.isolated) yield* commentOnAlert(run, alertId, "isolated", `${containment.words}.${ends}`);
    yield* attempt(
      run.step(notify, {
        ...{ key: "contained", event: "containment", severity: knownSeverity(input.severity) },
        title: `${HEADINGS[containment.outcome]}: ${machineName}`,
        text: `${containment.words}.${ends} ${ticket.inWords()}`,
        facts: factsOf(run, input),
      }),
    );
    const gathered = containment.isolated ? yield* gatherPackage(run, { machineId, about, alertId }) : undefined;

    const collected = gathered?.words ?? "No package was collected.";
    const words = `${containment.words}.${ends} ${collected}`;
    const closing = `${words} ${ticket.inWords()}`;
    const alertUpdated = yield* commentOnAlert(run, alertId, "closing", closing);
    yield* ticket.close(alertUpdated ? words : `${words} The alert could not be told.`, containment.isolated);

    const ending = { words: closing, contained: mayBeContained(containment) };
    const joinedCount = yield* joined.end(ending, {
      quiet: { seconds: input.joinMinutes * 60 },
      *again(askedAt) {
        const request = { ...input, about, askedAt };
        const isolation = yield* requestIsolation(run, request);
        const again = yield* followIsolation(run, isolation, { ...request, alertId: undefined });
        run.report(again.words);
        const words = `${again.words}.${yield* lease.extend(again, askedAt)} ${ticket.inWords()}`;
        return { words, contained: mayBeContained(again) };
      },
    });
    yield* ticket.makeUp();

    return {
      outcome: containment.outcome,
      words: containment.words,
      alertId,
      machineId,
      machineName,
      machineActionId: containment.machineActionId,
      package: gathered?.package,
      ticketId: ticket.id(),
      alertUpdated,
      joinedAlerts: joinedCount,
    };
  },
});

/** What people are told first. */
const HEADINGS: Record<Containment["outcome"], string> = {
  isolated: "Isolated",
  "not-isolated": "Not isolated",
  unconfirmed: "Isolation not confirmed",
};

/** What tells people where to look. */
const factsOf = (
  { id }: Run,
  {
    machineId,
    alertId,
    alertTitle,
  }: { machineId: string; alertId?: string | undefined; alertTitle?: string | undefined },
) => [
  ...(alertTitle ? [{ name: "Alert", value: alertTitle }] : []),
  ...(alertId ? [{ name: "Alert id", value: alertId }] : []),
  { name: "Device id", value: machineId },
  { name: "Run", value: id },
];
