import { hasRoom, type Indicator, isActive } from "../state/indicator.ts";
import { toDefenderTime } from "../state/timestamp.ts";
import { ApiError } from "./error.ts";
import { readIndicator, type SubmittedIndicator } from "./indicator-rules.ts";
import type { Call } from "./route.ts";

/**
 * Creates an indicator, or updates the active one with its value and type.
 *
 * @throws ApiError 400 if it is not valid or there is no room; 403 if it is another app's and the caller may not change it
 */
export function submitIndicator({ simulator, appId, granted }: Call, body: unknown): Indicator {
  const { tenant, settings } = simulator;
  const now = tenant.now();
  const submitted = readIndicator(body, now, settings.current);
  const known = tenant.tables.indicators
    .where("indicatorValue", submitted.indicatorValue)
    .find(
      (one) =>
        one.indicatorType === submitted.indicatorType &&
        isActive(one, now) &&
        (one.action === submitted.action || !settings.current.actionMakesNewIndicator),
    );
  if (known && known.createdBy !== appId && !granted.includes("Ti.ReadWrite.All")) {
    throw new ApiError(403, "Forbidden", `Indicator ${known.id} was created by another application.`);
  }
  if (!known && !hasRoom(tenant.tables, settings.current.indicatorCapacity, now)) {
    const most = settings.current.indicatorCapacity;
    throw new ApiError(400, "BadRequest", `The tenant has ${most} active indicators, which is the maximum.`);
  }
  const time = toDefenderTime(now);
  const nextId = String(Number(tenant.tables.indicators.newestKey ?? 0) + 1);
  const indicator = known ? updated(known, submitted, appId, time) : created(nextId, submitted, appId, time);
  tenant.tables.put("indicators", indicator);
  return indicator;
}

const updated = (known: Indicator, submitted: SubmittedIndicator, appId: string, time: string): Indicator => ({
  ...known,
  ...properties(submitted),
  // Only taken when the indicator is created.
  application: known.application,
  lastUpdatedBy: appId,
  lastUpdateTime: time,
});

const created = (id: string, submitted: SubmittedIndicator, appId: string, time: string): Indicator => ({
  id,
  ...properties(submitted),
  source: appId,
  sourceType: "AadApp",
  createdBy: appId,
  createdByDisplayName: appId,
  creationTimeDateTimeUtc: time,
  lastUpdatedBy: appId,
  lastUpdateTime: time,
});

const properties = (submitted: SubmittedIndicator) => ({
  application: null,
  severity: null,
  recommendedActions: null,
  educateUrl: null,
  generateAlert: false,
  expirationTime: null,
  rbacGroupNames: [],
  rbacGroupIds: [],
  externalId: null,
  ...submitted,
});
