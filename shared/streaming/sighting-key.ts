import { createHash } from "node:crypto";
import { readAdditionalFields, treeIn } from "./additional-fields.ts";
import type { AlertRecord } from "./stream-record.ts";
import { targetMachine } from "./target-machine.ts";

/**
 * What makes two records the same: the stream delivers at least once, and a storage export repeats rows with another
 * `time`, so times of delivery have no part in it. 64 hex digits after the table, safe in keys and names.
 *
 * A column that is null, `""` or missing is the same, as newer streams write more columns. An entity's AdditionalFields
 * change while it is being cleaned up (`LastRemediationState`, ...), so its stable key stands for them, together with
 * the machine: a row that newly names one is not the same.
 */
export function sightingKey(record: AlertRecord): string {
  const { AdditionalFields, ...columns } = record.properties;
  const isEvidence = record.kind === "alert-evidence";
  const entity =
    readAdditionalFields(AdditionalFields).at("MergeByKeyHex") ?? treeIn(AdditionalFields) ?? AdditionalFields;
  const machineId = isEvidence ? targetMachine(record.row)?.id : undefined;
  const text = canonical([record.table, record.tenantId, columns, entity, machineId]);
  return `${record.table}-${createHash("sha256").update(text).digest("hex")}`;
}

/** JSON in one spelling: keys sorted, empty values left out. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== null && item !== undefined && item !== "")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`);
  return `{${entries.join()}}`;
}
