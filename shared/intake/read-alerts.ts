import { inspect } from "node:util";
import type { DeadLetter } from "../dead-letters/dead-letter-store.ts";
import { alertSighting } from "../streaming/alert-sighting.ts";
import { countTables } from "../streaming/count-tables.ts";
import { decodeMessage, type Rejected } from "../streaming/decode-message.ts";
import { type AlertRecord, isAlertRecord } from "../streaming/stream-record.ts";
import type { TableClass } from "../streaming/tables.ts";
import { type AlertFacts, mergeFacts } from "./alert-facts.ts";
import { normalForm } from "./normal-form.ts";

/** What a batch of messages holds. */
export interface AlertBatch {
  /** One entry per alert, with all that the batch says of it. */
  alerts: AlertFacts[];
  rejected: DeadLetter[];
  counts: {
    messages: number;
    /** Records that say something about an alert. */
    alertRecords: number;
    /** Records of tables playbooks do not start from. */
    passedBy: number;
    /** Records of tables this app has never heard of. */
    unknown: number;
    /** All of them by what they are about. */
    classes: Partial<Record<TableClass, number>>;
  };
}

/**
 * Reads a batch of messages from the alert stream. Never throws: what cannot be read is rejected with a reason.
 *
 * @param sources a name for each message, where its dead letters will be found
 */
export function readAlerts(messages: readonly unknown[], { sources }: { sources: readonly string[] }): AlertBatch {
  const decoded = messages.map((message) => decodeMessage(message as Uint8Array));
  const records = decoded.flatMap((message) => message.records);
  const classes = Object.fromEntries([...countTables(records)].map(([name, tables]) => [name, totalOf(tables)]));
  const { alert = 0, evidence = 0, unknown = 0 } = classes;
  return {
    alerts: mergeFacts(records.filter(isAlertRecord).map(toFacts)),
    rejected: decoded.flatMap(({ rejected }, index) =>
      rejected.length > 0 ? [toDeadLetter(messages[index], rejected, sources[index] ?? `message-${index}`)] : [],
    ),
    counts: {
      messages: messages.length,
      alertRecords: alert + evidence,
      passedBy: records.length - alert - evidence - unknown,
      unknown,
      classes,
    },
  };
}

function toFacts(record: AlertRecord): AlertFacts {
  const { machine, account, timestamp, publishedAt, attackTechniques, ...said } = alertSighting(record);
  const isImpacted = machine?.role === "Impacted";
  // Only a row about the machine itself settles what it is to the alert, and only where it has a role.
  const isItself = machine?.from === "machine";
  const isRelated =
    isItself && record.kind === "alert-evidence" && record.row.EvidenceRole?.toLowerCase() === "related";
  return normalForm({
    ...said,
    techniques: attackTechniques,
    users: account ? [account] : [],
    machineIds: isImpacted ? [machine.id] : [],
    impactedMachineIds: isImpacted && isItself ? [machine.id] : [],
    relatedMachineIds: isRelated ? [machine.id] : [],
    publishedAt: publishedAt ?? timestamp,
  });
}

const MOST_REASONS = 20;

/** One letter for a message, however many of its records are at fault: a hostile message must not become thousands. */
function toDeadLetter(message: unknown, rejected: readonly Rejected[], source: string): DeadLetter {
  const reasons = rejected
    .slice(0, MOST_REASONS)
    .map(({ index, reason }) => (index === undefined ? reason : `Record ${index}: ${reason}`));
  const more = rejected.length > MOST_REASONS ? [`and ${rejected.length - MOST_REASONS} more`] : [];
  const isText = typeof message === "string" || message instanceof Uint8Array;
  return { source, reasons: [...reasons, ...more], body: isText ? message : textOf(message) };
}

/** A parsed message as JSON, or the nearest thing to it. */
function textOf(message: unknown): string {
  try {
    return JSON.stringify(message) ?? String(message);
  } catch {
    return inspect(message);
  }
}

const totalOf = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((total, count) => total + count, 0);
