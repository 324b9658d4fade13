import type { Alert } from "./alert.ts";
import type { Tenant } from "./tenant.ts";

type EvidenceRow = Alert["evidence"][number];

/** What alerts say of a file, an address, a domain or a user: where it was seen, and when. */
export interface Sightings {
  alerts: Alert[];
  rows: EvidenceRow[];
  machineIds: string[];
  /** ISO 8601, of the earliest and the latest event. */
  firstSeen: string | undefined;
  lastSeen: string | undefined;
}

/** Looks for evidence in all alerts, newest alert first. */
export function sightings(tenant: Tenant, isMeant: (row: EvidenceRow, alert: Alert) => boolean): Sightings {
  const alerts: Alert[] = [];
  const rows: EvidenceRow[] = [];
  for (const alert of tenant.alerts.values()) {
    const found = alert.evidence.filter((row) => isMeant(row, alert));
    if (found.length === 0) continue;
    alerts.push(alert);
    rows.push(...found);
  }
  const times = alerts.flatMap(({ firstEventTime, lastEventTime }) => [firstEventTime, lastEventTime]);
  const known = times.filter((time) => time !== null).sort();
  return {
    alerts: alerts.reverse(),
    rows,
    machineIds: [...new Set(alerts.flatMap(({ machineId }) => machineId ?? []))],
    firstSeen: known[0],
    lastSeen: known.at(-1),
  };
}

export const hasHash = ({ sha1, sha256 }: EvidenceRow, hash: string): boolean =>
  isSame(sha1, hash) || isSame(sha256, hash);

export const hasIp = ({ ipAddress }: EvidenceRow, ip: string): boolean => isSame(ipAddress, ip);

/** Whether the row's URL is on the domain itself or on one below it. */
export function hasDomain({ url }: EvidenceRow, domain: string): boolean {
  const host = hostOf(url);
  return host === domain.toLowerCase() || (host?.endsWith(`.${domain.toLowerCase()}`) ?? false);
}

/** The host a URL of the evidence leads to; the URL may lack its scheme. */
export function hostOf(url: unknown): string | undefined {
  if (typeof url !== "string" || url === "") return undefined;
  const written = url.includes("://") ? url : `http://${url}`;
  return URL.canParse(written) ? new URL(written).hostname.toLowerCase() : undefined;
}

const isSame = (value: unknown, wanted: string): boolean =>
  typeof value === "string" && value.toLowerCase() === wanted.toLowerCase();
