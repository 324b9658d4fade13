import { z } from "zod";
import { AlertEvidenceRow, AlertInfoRow } from "./alert-rows.ts";
import { type TableClass, tableOf } from "./tables.ts";

/** A row's columns as they came; keys and values are somebody else's. */
export type Properties = Readonly<Record<string, unknown>>;

interface Envelope {
  tenantId: string;
  table: string;
  tableClass: TableClass;
  /** When Defender published the record. It differs between deliveries of the same record. */
  time?: string | undefined;
  properties: Properties;
}

export interface AlertInfoRecord extends Envelope {
  kind: "alert-info";
  row: AlertInfoRow;
}

export interface AlertEvidenceRecord extends Envelope {
  kind: "alert-evidence";
  row: AlertEvidenceRow;
}

/** A record of a table playbooks do not start from. It is counted and passed by, its columns unread. */
export interface OtherRecord extends Envelope {
  kind: "other";
}

/** One record of Defender's stream. */
export type StreamRecord = AlertInfoRecord | AlertEvidenceRecord | OtherRecord;

/** A record that says something about an alert. */
export type AlertRecord = AlertInfoRecord | AlertEvidenceRecord;

export const isAlertRecord = (record: StreamRecord): record is AlertRecord => record.kind !== "other";

/**
 * What every record carries around its row. Keys that are not listed here (`operationName`, `Tenant`, ...) are ignored.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/streaming-api-event-hub
 */
const RecordEnvelope = z.object({
  // Both become part of keys, so their alphabet is checked. Tenant ids are GUIDs; their case carries no meaning.
  tenantId: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, "a tenant id has letters, digits and - only")
    .toLowerCase(),
  category: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,127}$/, "a category names a table"),
  time: z.string().min(1).optional().catch(undefined),
  // By reference: copying keys that somebody else chose into a new object is where prototypes get polluted.
  properties: z.custom<Properties>(isKeyed, "a record has its row in properties"),
});

/**
 * Reads one record, of whatever table.
 *
 * @throws ZodError with the fields at fault
 * @throws MislabelledRow when the category names one alert table and the row is of the other
 */
export function readStreamRecord(value: unknown): StreamRecord {
  const { category, ...envelope } = RecordEnvelope.parse(value);
  const { table, tableClass } = tableOf(category);
  const record = { ...envelope, table, tableClass };
  switch (tableClass) {
    case "alert":
      refuseMislabelled(table, { own: "Category", foreign: "EntityType" }, record.properties);
      return { ...record, kind: "alert-info", row: AlertInfoRow.parse(record.properties) };
    case "evidence":
      refuseMislabelled(table, { own: "EntityType", foreign: "Category" }, record.properties);
      return { ...record, kind: "alert-evidence", row: AlertEvidenceRow.parse(record.properties) };
    default:
      return { ...record, kind: "other" };
  }
}

/** A row whose columns are not those of the table its category names. */
export class MislabelledRow extends Error {
  override name = "MislabelledRow";
}

/**
 * Each alert table has a column the other has not, and rows carry all their columns, filled or not. Only a row that has
 * the foreign column instead of its own is refused: tables gain columns over the years.
 */
function refuseMislabelled(table: string, { own, foreign }: { own: string; foreign: string }, properties: Properties) {
  if (Object.hasOwn(properties, own) || !Object.hasOwn(properties, foreign)) return;
  throw new MislabelledRow(`its category says ${table}, but its row has ${foreign} and no ${own}`);
}

function isKeyed(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
