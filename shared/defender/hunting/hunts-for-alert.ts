import type { Alert } from "../alerts/alert.ts";
import type { Observables } from "../alerts/observables-of.ts";
import type { MachineId } from "../machines/machine.ts";
import { instant } from "../odata/filter.ts";
import { kql } from "./kql.ts";

/** A question to advanced hunting. */
export interface Hunt {
  /** What the rows of its answer are, for people. */
  title: string;
  query: string;
}

const HOUR_MS = 3_600_000;

/** How many rows of each kind people are shown. */
const MOST_ROWS = 10;

/**
 * What hunting can tell beside an alert: what ran on the machine around it, and where else its addresses and accounts
 * were. The tables keep 30 days.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/advanced-hunting-schema-tables
 */
export function huntsForAlert(
  alert: Pick<Alert, "firstEventTime" | "lastEventTime">,
  machineId: MachineId,
  { ips, domains, accounts }: Observables,
): Hunt[] {
  const first = Date.parse(alert.firstEventTime ?? "");
  const last = Date.parse(alert.lastEventTime ?? "");
  const hunts: Hunt[] = [];
  if (!Number.isNaN(first) && !Number.isNaN(last)) {
    const from = instant(new Date(first - HOUR_MS).toISOString());
    const to = instant(new Date(last + HOUR_MS).toISOString());
    hunts.push({
      title: "Programs that ran on the device within an hour of the alert, the rarest first",
      query: kql`DeviceProcessEvents
| where Timestamp between (${from} .. ${to}) and DeviceId == ${machineId}
| summarize Starts = count() by FileName
| top ${MOST_ROWS} by Starts asc`,
    });
  }
  const hosts = [...ips, ...domains];
  if (hosts.length > 0) {
    hunts.push({
      title: "Other devices that talked to the same addresses",
      query: kql`DeviceNetworkEvents
| where DeviceId != ${machineId} and (RemoteIP in (${hosts}) or RemoteUrl has_any (${hosts}))
| summarize Connections = count(), Last = max(Timestamp) by DeviceName
| top ${MOST_ROWS} by Connections`,
    });
  }
  if (accounts.length > 0) {
    hunts.push({
      title: "Other devices that the accounts logged on to",
      query: kql`DeviceLogonEvents
| where DeviceId != ${machineId} and ActionType == "LogonSuccess" and AccountName in~ (${accounts})
| summarize Logons = count(), Last = max(Timestamp) by AccountName, DeviceName
| top ${MOST_ROWS} by Last`,
    });
  }
  return hunts;
}
