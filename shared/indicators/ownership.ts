import type { Indicator } from "../defender/indicators/indicator.ts";
import type { LedgerRow } from "./ledger.ts";
import { keyOf, normalise } from "./normalise.ts";
import { isRefusal } from "./skip-reason.ts";

/** What tells our indicators from those of others. */
export interface Ownership {
  appId: string;
  marker: string;
}

/** The tenant's indicators, by key. Under one key there may be several: of other actions, or for other device groups. */
export interface Holdings {
  ours: Map<string, Indicator[]>;
  foreign: Map<string, Indicator[]>;
}

/**
 * Divides what a tenant has into ours and what is not. Ours is only what our app made, with our marker, and what the ledger
 * knows by key and, once it was written, by id. Everything in doubt is foreign.
 */
export function divide(
  indicators: readonly Indicator[],
  ledger: ReadonlyMap<string, LedgerRow>,
  owner: Ownership,
): Holdings {
  const holdings: Holdings = { ours: new Map(), foreign: new Map() };
  for (const indicator of indicators) {
    const key = keyOfIndicator(indicator);
    const side = isOurs(indicator, ledger.get(key), owner) ? holdings.ours : holdings.foreign;
    const there = side.get(key);
    if (there) there.push(indicator);
    else side.set(key, [indicator]);
  }
  return holdings;
}

function isOurs(indicator: Indicator, row: LedgerRow | undefined, { appId, marker }: Ownership): boolean {
  const { id, createdBy, sourceType, title } = indicator;
  const madeByUs =
    same(createdBy, appId) && (!sourceType || sourceType === "AadApp") && (title ?? "").startsWith(`${marker} `);
  if (!madeByUs || row === undefined) return false;
  // While it is not known what became of a call, the id may be a new one.
  return row.id === undefined || row.state === "writing" || row.id === id;
}

/** Key of what the service gives, which may spell addresses in another way. */
export function keyOfIndicator({ indicatorType, indicatorValue }: Indicator): string {
  const type = indicatorType ?? "";
  const value = indicatorValue ?? "";
  const known = KNOWN.has(type) ? normalise(type as Parameters<typeof normalise>[0], value) : undefined;
  return known && !isRefusal(known) && known.type === type ? keyOf(known) : `${type}|${value.toLowerCase()}`;
}

const KNOWN = new Set(["FileSha1", "FileSha256", "FileMd5", "CertificateThumbprint", "IpAddress", "DomainName", "Url"]);

/** Whether an indicator stands as it was written. Hours, as the service may print the expiry in another way. */
export const standsAs = ({ action, expirationTime }: Indicator, written: LedgerRow["written"]): boolean =>
  action === written.action && hourOf(expirationTime) === hourOf(written.expirationTime);

/** Whether a person has changed an indicator of ours since it was written. */
export function isChangedByOthers(indicator: Indicator, written: LedgerRow["written"], { appId }: Ownership): boolean {
  const { lastUpdatedBy, createdByDisplayName, rbacGroupNames } = indicator;
  const byUs = !lastUpdatedBy || same(lastUpdatedBy, appId) || same(lastUpdatedBy, createdByDisplayName);
  return !byUs || !standsAs(indicator, written) || (rbacGroupNames ?? []).length > 0;
}

const hourOf = (time: string | null | undefined): number => Math.floor(Date.parse(time ?? "") / 3_600_000);

const same = (one: unknown, other: unknown): boolean =>
  typeof one === "string" && typeof other === "string" && one.toLowerCase() === other.toLowerCase();
