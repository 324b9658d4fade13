/**
 * The tables Defender streams, documented or seen in real streams.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/supported-event-types
 */
export const STREAMED_TABLES: readonly string[] = [
  "AlertInfo",
  "AlertEvidence",
  "BehaviorEntities",
  "BehaviorInfo",
  "CloudAppEvents",
  "CloudAuditEvents",
  "CloudProcessEvents",
  "CloudStorageAggregatedEvents",
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
  "EmailAttachmentInfo",
  "EmailEvents",
  "EmailPostDeliveryEvents",
  "EmailUrlInfo",
  "IdentityDirectoryEvents",
  "IdentityInfo",
  "IdentityLogonEvents",
  "IdentityQueryEvents",
  "MessageEvents",
  "MessagePostDeliveryEvents",
  "MessageUrlInfo",
  "UrlClickEvents",
];

const spelling = new Map(STREAMED_TABLES.map((table) => [table.toLowerCase(), table]));

/**
 * The table a record's category names, `AdvancedHunting-AlertInfo` → `AlertInfo`, whatever its case. A table that is not
 * in the list keeps the spelling it came with.
 */
export function tableOf(category: string): string {
  const name = category.replace(/^AdvancedHunting-/i, "");
  return spelling.get(name.toLowerCase()) ?? name;
}

/** Whether Defender is known to stream the table. */
export const isStreamedTable = (table: string): boolean => spelling.has(table.toLowerCase());
