import type { AlertId } from "../../shared/defender/alerts/alert.ts";
import { StepFailed } from "../../shared/errors.ts";
import { type Activity, attempt, overOutages, type Run, type Steps } from "../../shared/playbook.ts";
import { addTicketNote } from "../activities/add-ticket-note.ts";
import { getAlert } from "../activities/get-alert.ts";
import { listAlerts } from "../activities/list-alerts.ts";
import { setTicketStatus } from "../activities/set-ticket-status.ts";

/** The activities it takes to close the tickets of runs. */
export const CLOSING_TICKETS: readonly Activity[] = [addTicketNote, setTicketStatus, getAlert, listAlerts];

/**
 * Why a ticket that these alerts share with their incidents has to stay open: the incident has others that are not
 * resolved, or that cannot be told. Nothing where there is no reason.
 */
export function* whyOpen(run: Run, alertIds: readonly AlertId[]): Steps<string | undefined> {
  const closed = new Set<string>(alertIds);
  const incidents = new Set<number>();
  for (const alertId of alertIds) {
    const alert = yield* overOutages(run, () => run.step(getAlert, { alertId }));
    if (alert instanceof StepFailed) return `alert ${alertId} could not be read: ${alert.reason}`;
    if (alert?.incidentId) incidents.add(Number(alert.incidentId));
  }
  for (const incidentId of incidents) {
    const listed = yield* overOutages(run, () => run.step(listAlerts, { incidentId }));
    if (listed instanceof StepFailed) return `incident ${incidentId} could not be read: ${listed.reason}`;
    const others = listed.rows.filter(({ id, status }) => status !== "Resolved" && !closed.has(id));
    if (others.length > 0) return `incident ${incidentId} has ${others.length} other alert(s) that are not resolved`;
    if (listed.hasMore) return `incident ${incidentId} has more alerts than can be looked at`;
  }
  return undefined;
}

/**
 * Notes something on the tickets of runs, which may be one ticket, and closes them unless there is a reason not to.
 *
 * @returns what became of them, in a sentence
 */
export function* tellTickets(
  run: Run,
  runIds: readonly string[],
  { text, staysOpen }: { text: string; staysOpen: string | undefined },
): Steps<{ words: string; closed: boolean; ticketIds: string[] }> {
  const byTicket = new Map<string, string>();
  const said = staysOpen ? `The ticket stays open, as ${staysOpen}.` : "The ticket is closed.";
  for (const ofRun of runIds) {
    const noted = yield* attempt(run.step(addTicketNote, { key: "false-positive", text: `${text} ${said}`, ofRun }));
    if (!(noted instanceof StepFailed)) byTicket.set(noted.id, ofRun);
  }
  const ticketIds = [...byTicket.keys()];
  if (ticketIds.length === 0) return { words: "There is no ticket to close.", closed: false, ticketIds };
  const names = ticketIds.join(", ");
  if (staysOpen) return { words: `Ticket ${names} stays open, as ${staysOpen}.`, closed: false, ticketIds };
  for (const [id, ofRun] of byTicket) {
    const closed = yield* overOutages(run, () => run.step(setTicketStatus, { status: "closed", ofRun }));
    if (closed instanceof StepFailed) {
      return { words: `Ticket ${id} could not be closed: ${closed.reason}.`, closed: false, ticketIds };
    }
  }
  return { words: `Ticket ${names} closed.`, closed: true, ticketIds };
}
