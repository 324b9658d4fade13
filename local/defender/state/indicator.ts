import type { Tables } from "./tables.ts";

/**
 * An indicator as the API prints it.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/ti-indicator
 */
export type Indicator = {
  id: string;
  indicatorValue: string;
  indicatorType: string;
  action: string;
  title: string;
  description: string;
  application: string | null;
  severity: string | null;
  recommendedActions: string | null;
  educateUrl: string | null;
  generateAlert: boolean;
  expirationTime: string | null;
  rbacGroupNames: string[];
  rbacGroupIds: string[];
  source: string;
  sourceType: string;
  createdBy: string;
  createdByDisplayName: string;
  creationTimeDateTimeUtc: string;
  lastUpdatedBy: string;
  lastUpdateTime: string;
  externalId: string | null;
};

export const isActive = ({ expirationTime }: Indicator, now: number): boolean =>
  expirationTime === null || Date.parse(expirationTime) > now;

/** Whether there is room for one more. What has expired no longer counts, and is forgotten when room is needed. */
export function hasRoom(tables: Tables, capacity: number, now: number): boolean {
  if (tables.indicators.size < capacity) return true;
  for (const indicator of tables.indicators.all()) {
    if (!isActive(indicator, now)) tables.delete("indicators", indicator.id);
  }
  return tables.indicators.size < capacity;
}
