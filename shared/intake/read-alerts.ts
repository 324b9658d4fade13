import type { DeadLetter } from "../dead-letters/dead-letter-store.ts";
import { type AlertSighting, alertSighting } from "../streaming/alert-sighting.ts";
import { countTables } from "../streaming/count-tables.ts";
import { decodeMessage, type Rejected } from "../streaming/decode-message.ts";
import { isAlertRecord } from "../streaming/stream-record.ts";
import { type AlertFacts, mergeFacts } from "./alert-facts.ts";

/** What a batch of messages holds. */
export interface AlertBatch {
  /** One entry per alert, with all that the batch says of it. */
  alerts: AlertFacts[];
  rejected: DeadLetter[];
  counts: { messages: number; alertRecords: number; passedBy: number; unknown: number };
}

/**
 * Reads a batch of messages from the alert stream. Never throws: what cannot be read is rejected with a reason.
 *
 * @param sources a name for each message, where its dead letters will be found
 */
export function readAlerts(messages: readonly unknown[], { sources }: { sources: readonly string[] }): AlertBatch {
  const decoded = messages.map((message) => decodeMessage(message as Uint8Array));
  const records = decoded.flatMap((message) => message.records);
  const { alerts, passedBy, unknown } = countTables(records);
  return {
    alerts: mergeFacts(records.filter(isAlertRecord).map(alertSighting).map(toFacts)),
    rejected: decoded.flatMap(({ rejected }, index) =>
      rejected.map((entry) => toDeadLetter(entry, sources[index] ?? `message-${index}`)),
    ),
    counts: {
      messages: messages.length,
      alertRecords: totalOf(alerts),
      passedBy: totalOf(passedBy),
      unknown: totalOf(unknown),
    },
  };
}

/** A machine that is merely related to the alert is left out: the alert has to be looked up before anything is done. */
const toFacts = ({ tenantId, alertId, title, severity, machine, publishedAt }: AlertSighting): AlertFacts => ({
  tenantId,
  alertId,
  title,
  severity,
  machineIds: machine?.role === "Impacted" ? [machine.id] : [],
  publishedAt,
});

function toDeadLetter({ index, reason, value }: Rejected, source: string): DeadLetter {
  const isText = typeof value === "string" || value instanceof Uint8Array;
  return { source, reason, recordIndex: index, body: isText ? value : JSON.stringify(value) };
}

const totalOf = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((total, count) => total + count, 0);
