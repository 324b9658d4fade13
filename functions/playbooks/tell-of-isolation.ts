import { AlertId } from "../../shared/defender/alerts/alert.ts";
import type { Lease } from "../../shared/leases/lease.ts";
import { type Activity, attempt, type Run, type Steps } from "../../shared/playbook.ts";
import { addTicketNote } from "../activities/add-ticket-note.ts";
import { commentOnAlerts } from "../activities/comment-on-alerts.ts";
import { readLease } from "../activities/read-lease.ts";
import { setTicketStatus } from "../activities/set-ticket-status.ts";
import { takeJoinedAlerts } from "../activities/take-joined-alerts.ts";
import { updateAlert } from "../activities/update-alert.ts";
import { alarmOnTicket, commentOnAlert, noteOnTicket } from "./containment.ts";
import { tellAlertsInCare } from "./joined-alerts.ts";

/** The activities it takes to tell those whom an isolation concerns. */
export const TELLING_OF_ISOLATION: readonly Activity[] = [
  ...[readLease, addTicketNote, setTicketStatus, updateAlert, takeJoinedAlerts, commentOnAlerts],
];

/** Something that has become of an isolation. `key` tells it apart from the other news of the run that says it. */
export interface NewsOfIsolation {
  key: string;
  words: string;
  /** Whether a person must act: then tickets that people have closed are opened again. */
  isAlarm?: boolean;
  /** Whether more is said soon: then alerts that only joined are spared it. */
  isPassing?: boolean;
}

/**
 * Says what has become of an isolation to all whom it concerns: on the tickets of the runs that share it, on the alerts
 * they were about, and on every alert that joined one of them. Each is told once.
 */
export function* tellOfIsolation(
  run: Run,
  lease: Lease,
  { key, words, isAlarm = false, isPassing = false }: NewsOfIsolation,
): Steps<void> {
  const { machineId, ofCase, runId, alertId, sharedWith = [] } = lease;
  for (const party of [{ runId, alertId }, ...sharedWith]) {
    const opener = AlertId.safeParse(party.alertId).data;
    yield* (isAlarm ? alarmOnTicket : noteOnTicket)(run, key, words, party.runId);
    yield* commentOnAlert(run, opener, key, words);
    if (!ofCase || isPassing) continue;
    const inCare = { ...ofCase, machineId, mode: "act" as const, ofRun: party.runId };
    // Who has joined can be told no more where the list of them cannot be read.
    yield* attempt(tellAlertsInCare(run, inCare, { except: opener, after: 0, key, words }));
  }
}
