import { kql } from "./kql.ts";

/**
 * The devices on which a file was seen in the last 30 days, those that had it last first.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/advanced-hunting-devicefileevents-table
 */
export const devicesWithFileHunt = (
  sha256: string,
  atMost: number,
): string => kql`union DeviceFileEvents, DeviceProcessEvents, DeviceImageLoadEvents
| where SHA256 == ${sha256}
| summarize Last = max(Timestamp) by DeviceId
| top ${atMost} by Last
| project DeviceId`;
