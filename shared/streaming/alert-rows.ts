import { z } from "zod";
import { AlertId } from "../defender/alerts/alert.ts";
import { Text, TextList } from "./columns.ts";

const sharedColumns = {
  /** Kept as written, up to seven digits of a second; see `instantOf`. */
  Timestamp: z.string().min(1),
  AlertId,
  Title: Text,
  Severity: Text,
  ServiceSource: Text,
  DetectionSource: Text,
  /** Each as a name with its id: `PowerShell (T1059.001)`. */
  AttackTechniques: TextList,
  /** Added to streamed rows only. */
  MachineGroup: Text,
};

/**
 * What an alert is: a row of AlertInfo, with neither machine nor status.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/advanced-hunting-alertinfo-table
 */
export const AlertInfoRow = z.object({ ...sharedColumns, Category: Text });
export type AlertInfoRow = z.infer<typeof AlertInfoRow>;

/**
 * One thing an alert shows: a row of AlertEvidence. Rows of 2022 and before lack title, severity and categories.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/advanced-hunting-alertevidence-table
 */
export const AlertEvidenceRow = z.object({
  ...sharedColumns,
  Categories: TextList,
  /** `Machine`, `Process`, `File`, `User`, `Ip`, `Url`, ... an open set. */
  EntityType: Text,
  /** `Impacted` or `Related`. */
  EvidenceRole: Text,
  /** Filled for `Machine`; on other rows the machine is inside `AdditionalFields`. */
  DeviceId: Text,
  DeviceName: Text,
  /** Filled for `User` and `Mailbox`, on rows of 2022 and before for others as well. */
  AccountName: Text,
  AccountDomain: Text,
  AccountUpn: Text,
  /** JSON text, sometimes an object; see `readAdditionalFields`. */
  AdditionalFields: z.unknown().optional(),
});
export type AlertEvidenceRow = z.infer<typeof AlertEvidenceRow>;
