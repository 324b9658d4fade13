import { z } from "zod";
import { PersonId } from "../../shared/approvals/approval.ts";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { FalsePositiveDetermination } from "../../shared/defender/alerts/verdict.ts";
import { defineRunbook } from "../../shared/playbook.ts";
import { findRunsOfAlerts, MOST_ALERTS } from "../activities/find-runs-of-alerts.ts";
import { recordVerdict } from "../activities/record-verdict.ts";
import { setAlertVerdict } from "../activities/set-alert-verdict.ts";
import { updateAlert } from "../activities/update-alert.ts";
import { classify } from "./classify.ts";
import { CLOSING_TICKETS, tellTickets, whyOpen } from "./close-tickets.ts";
import { commentOnAlert } from "./containment.ts";
import { UNDOING, undoRuns } from "./undo-runs.ts";

/** Takes back what was done for an alert that was none. */
export const closeFalsePositive = defineRunbook({
  name: "close-false-positive",
  version: 1,
  summary: "Closes an alert that was false, and takes back what this app did for it.",
  when: "A person has found that an alert was false.",
  does: "Puts on record who says so, classifies and resolves the alert, ends runs for it that are under way, has each of them undone once, follows that to its end, and closes their ticket with the reason. Where something could not be undone, alert and ticket say what, and the ticket stays open.",
  asks: "Nobody by itself; the policy judges every step of the undo.",
  never:
    "Undoes a run that other alerts depend on, unless these are closed as well (`withJoined`). Closes a ticket while its incident has other alerts that are not resolved.",
  undo: "Classify the alert anew in the Defender portal, and start what is needed again.",
  uses: [recordVerdict, findRunsOfAlerts, setAlertVerdict, updateAlert, ...UNDOING, ...CLOSING_TICKETS],
  input: z.object({
    alertId: AlertId.describe("The alert that was false"),
    by: PersonId.describe("Who says so; whoever asks with an Entra token is named in place of it"),
    reason: z.string().trim().min(1).max(500).describe("Why, for people who read alert and ticket"),
    determination: FalsePositiveDetermination.default("Clean").describe("What Defender is to keep as the reason"),
    withJoined: z.boolean().default(false).describe("Whether the alerts that joined the same runs were false, too"),
  }),

  *steps(run, { alertId, by, reason, determination, withJoined }) {
    const said = `False positive (${determination}), says ${run.requestedBy ?? by}: ${reason.replace(/\.$/, "")}.`;
    yield* run.step(recordVerdict, { alertId, words: said });
    const found = yield* run.step(findRunsOfAlerts, { alertIds: [alertId] });
    const joined = withJoined ? [...new Set(found.runs.flatMap(({ otherAlerts }) => otherAlerts))] : [];
    const alertIds = [alertId, ...joined.slice(0, MOST_ALERTS)];
    const { runs } = joined.length > 0 ? yield* run.step(findRunsOfAlerts, { alertIds }) : found;

    const verdict = yield* classify(run, alertIds, { classification: "FalsePositive", determination });
    // What stops the verdict would stop the undo as well, and a run is undone once only.
    const undone = verdict.isRefused ? [] : yield* undoRuns(run, runs, said);
    const isUndone = !verdict.isRefused && undone.every((one) => one.undone);

    const playbooks = new Map(runs.map(({ runId, playbook }) => [runId, playbook ?? "a run"]));
    const words = [
      said,
      verdict.words,
      ...(runs.length === 0 ? ["This app has started no run for it."] : []),
      ...(verdict.isRefused ? ["Nothing was undone."] : []),
      ...undone.map(({ runId, words }) => `${playbooks.get(runId)} (${runId}): ${words.replace(/\.$/, "")}.`),
    ].join(" ");
    const staysOpen = isUndone ? yield* whyOpen(run, alertIds) : "not everything is undone";
    const runIds = runs.map(({ runId }) => runId);
    const ticket = yield* tellTickets(run, runIds, { text: words, staysOpen });

    const closing = `${words} ${ticket.words}`;
    run.report(closing.slice(0, 500));
    const alertUpdated = yield* commentOnAlert(run, alertId, "closing", closing);
    const isAll = verdict.outcome === "done" && isUndone;
    const outcome = isAll ? "done" : verdict.isRefused ? verdict.outcome : "partly-done";
    return {
      outcome,
      words: closing,
      alertId,
      alertIds,
      undone,
      ticketIds: ticket.ticketIds,
      ticketClosed: ticket.closed,
      alertUpdated,
    };
  },
});
