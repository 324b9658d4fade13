import { z } from "zod";
import { MachineId } from "../machines/machine.ts";
import { UtcTime } from "../odata/filter.ts";

/** @see https://learn.microsoft.com/en-us/defender-endpoint/api/create-alert-by-reference */
export const AlertCategory = z.enum([
  "General",
  "CommandAndControl",
  "Collection",
  "CredentialAccess",
  "DefenseEvasion",
  "Discovery",
  "Exfiltration",
  "Exploit",
  "Execution",
  "InitialAccess",
  "LateralMovement",
  "Malware",
  "Persistence",
  "PrivilegeEscalation",
  "Ransomware",
  "SuspiciousActivity",
]);

/** An alert to raise about an event that hunting found. The event is named by machine, time and report id together. */
export const NewAlert = z.object({
  machineId: MachineId.describe("The machine of the event: its `DeviceId`"),
  eventTime: UtcTime.describe("The event's `Timestamp` exactly as hunting printed it, to the seventh fractional digit"),
  reportId: z.string().regex(/^\d+$/).describe("The event's `ReportId`, as text"),
  severity: z.enum(["Low", "Medium", "High"]),
  title: z.string().min(1).describe("Alerts of one title on one machine merge while they are open"),
  description: z.string().min(1),
  recommendedAction: z.string().min(1).describe("What whoever handles it should do"),
  category: AlertCategory,
});
export type NewAlert = z.infer<typeof NewAlert>;
