/** What a streamed record is about: `alert` and `evidence` are what playbooks start from; the others are passed by. */
export type TableClass = "alert" | "evidence" | StreamedElsewhere | "unknown";
type StreamedElsewhere = "cloud" | "device" | "email" | "identity" | "other";

/**
 * The tables Defender streams, documented or seen in real streams. `email` is all that people send each other and click
 * on in it.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/supported-event-types
 */
const streamedTables: Record<Exclude<TableClass, "unknown">, readonly string[]> = {
  alert: ["AlertInfo"],
  evidence: ["AlertEvidence"],
  cloud: ["CloudAppEvents", "CloudAuditEvents", "CloudProcessEvents", "CloudStorageAggregatedEvents"],
  device: [
    "DeviceEvents",
    "DeviceFileCertificateInfo",
    "DeviceFileEvents",
    "DeviceImageLoadEvents",
    "DeviceInfo",
    "DeviceLogonEvents",
    "DeviceNetworkEvents",
    "DeviceNetworkInfo",
    "DeviceProcessEvents",
    "DeviceRegistryEvents",
  ],
  email: [
    "EmailAttachmentInfo",
    "EmailEvents",
    "EmailPostDeliveryEvents",
    "EmailUrlInfo",
    "MessageEvents",
    "MessagePostDeliveryEvents",
    "MessageUrlInfo",
    "UrlClickEvents",
  ],
  identity: ["IdentityDirectoryEvents", "IdentityInfo", "IdentityLogonEvents", "IdentityQueryEvents"],
  other: ["BehaviorEntities", "BehaviorInfo"],
};

const known = new Map(
  Object.entries(streamedTables).flatMap(([tableClass, tables]) =>
    tables.map((table) => [table.toLowerCase(), { table, tableClass: tableClass as TableClass }] as const),
  ),
);

/**
 * The table a record's category names, `AdvancedHunting-AlertInfo` → `AlertInfo`, whatever its case, and what it is about.
 * A table that is not known to be streamed keeps the spelling it came with: it is new, or none at all.
 */
export function tableOf(category: string): { table: string; tableClass: TableClass } {
  const name = category.replace(/^AdvancedHunting-/i, "");
  return known.get(name.toLowerCase()) ?? { table: name, tableClass: "unknown" };
}
