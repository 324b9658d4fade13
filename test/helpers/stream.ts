import { readFileSync } from "node:fs";
import type { AlertEvidenceRow } from "../../shared/streaming/alert-rows.ts";
import { decodeMessage } from "../../shared/streaming/decode-message.ts";
import { type AlertRecord, isAlertRecord, type StreamRecord } from "../../shared/streaming/stream-record.ts";

/** Records as Defender streams them; the demo and the bench use the same. */
export {
  type AlertEvidenceFields,
  type AlertRecordFields,
  aMessage,
  anAlertEvidence,
  anAlertInfo,
  aWholeAlert,
  type RawRecord,
} from "../../local/demo/stream-records.ts";

/** The lines of a file in test/fixtures/streaming, one record each, as text: parsing would round large numbers. */
export function recordedLines(name: string): string[] {
  const file = new URL(`../fixtures/streaming/${name}.ndjson`, import.meta.url);
  return readFileSync(file, "utf8").trimEnd().split("\n");
}

/** The records of a message of Defender's that has nothing wrong with it. */
export function decoded(records: readonly object[] | readonly string[]): StreamRecord[] {
  const texts = records.map((record) => (typeof record === "string" ? record : JSON.stringify(record)));
  const { records: read, rejected } = decodeMessage(`{"records":[${texts.join()}]}`);
  if (rejected.length > 0) throw new Error(`Not all records are good: ${rejected.map(({ reason }) => reason)}`);
  return read;
}

/** The same, for records of the alert tables. */
export const decodedAlerts = (records: readonly object[] | readonly string[]): AlertRecord[] =>
  decoded(records).filter(isAlertRecord);

/** The rows of AlertEvidence among them. */
export const evidenceRows = (records: readonly object[] | readonly string[]): AlertEvidenceRow[] =>
  decodedAlerts(records).flatMap((record) => (record.kind === "alert-evidence" ? record.row : []));
