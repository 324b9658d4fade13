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
