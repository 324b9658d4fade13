import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { StepFailed } from "../../shared/errors.ts";
import { defineRunbook } from "../../shared/playbook.ts";
import { knownSeverity } from "../../shared/severity.ts";
import { oneLine } from "../../shared/streaming/one-line.ts";
import { getGraphAlert } from "../activities/get-graph-alert.ts";
import { runHuntingQuery } from "../activities/run-hunting-query.ts";
import { commentOnAnyAlert, readAnyAlert, TELLING_ANY } from "./any-alert.ts";
import { affectedBy, describeMail, mailFindings, nextRunbooks } from "./mail-findings.ts";
import { aboutAlert, openTicketOfRun } from "./ticket-of-run.ts";

/** Of the messages an alert names, as the queries carry their ids. */
const MOST_MESSAGES = 20;

/** Tells people how far a message got, before they decide what to do about it. */
export const phishingTriage = defineRunbook({
  name: "phishing-triage",
  version: 1,
  summary: "Finds out who received a suspicious message, who clicked, and which devices have what it brought.",
  when: "An alert is about email. Automation rules start it where the alert names a device as well; else a person does.",
  does: "Hunts over the last 30 days for the messages the alert names and others of the same sender and subject or with the same attachments: recipients, clicks, and devices with an attachment. Writes it on ticket and alert, with the runbooks a person may want next.",
  asks: "Nobody.",
  never:
    "Changes anything but ticket and alert: it deletes no message, blocks nothing, touches no user and no device. It does not see clicks that Safe Links did not, nor devices that are not onboarded.",
  undo: "Nothing to undo.",
  uses: [getGraphAlert, runHuntingQuery, ...TELLING_ANY],
  input: z.object({
    ...aboutAlert,
    alertId: AlertId.describe("The alert about email, of whichever product"),
    mostShown: z.int().min(1).max(50).default(10).describe("How many of each kind are named; the rest is counted"),
  }),

  *steps(run, input) {
    const { alertId, mostShown } = input;
    run.report("reading the alert");
    const alert = yield* readAnyAlert(run, alertId);
    if (alert instanceof StepFailed) throw alert;
    if (!alert) throw new StepFailed(getGraphAlert.name, "ResourceNotFound", `Graph does not show alert ${alertId}`);
    const messages = alert.messages.slice(0, MOST_MESSAGES);
    const leftOut = alert.messages.length - messages.length;

    run.report(`hunting for ${messages.length} message(s)`);
    const ids = messages.map(({ networkMessageId }) => networkMessageId);
    const found = ids.length > 0 ? yield* mailFindings(run, ids) : undefined;
    const next = found ? nextRunbooks(found) : [];
    const lines = [
      messages.length > 0
        ? `Messages the alert names: ${alert.messages.length}, the first ${describeMessage(messages[0])}.`
        : "Messages: the alert names none, so nothing was hunted for.",
      ...(leftOut > 0 ? [`${leftOut} of them are left out.`] : []),
      ...(found ? describeMail(found, mostShown) : []),
      ...(next.length > 0 ? [`A person may run next: ${next.join("; ")}.`] : []),
    ];

    const about = {
      ...input,
      severity: knownSeverity(alert.severity) ?? input.severity,
      incidentId: input.incidentId ?? alert.incidentId ?? undefined,
    };
    const title = `${oneLine(alert.title ?? "alert without a title", 200)} (${alertId})`;
    const ticket = yield* openTicketOfRun(
      run,
      about,
      { title: "email to be judged", lines: [title] },
      commentOnAnyAlert,
    );
    const isWhole = found && Object.values(found).every(({ failed }) => !failed);
    const words = `How far the email got${isWhole ? "" : ", as far as it is known"}`;
    const told = yield* ticket.close(`${words}:\n${lines.join("\n")}\n`);
    return {
      outcome: isWhole ? "done" : "partly-done",
      words,
      alertId,
      lines,
      ...(found && affectedBy(found)),
      ...told,
    };
  },
});

const describeMessage = (message: { subject?: string | undefined; sender?: string | undefined } | undefined): string =>
  `"${message?.subject ?? "subject unknown"}" from ${message?.sender ?? "an unknown sender"}`;
