import { type Indicator, isActive } from "../state/indicator.ts";
import { ApiError, notFound } from "./error.ts";
import { submitIndicator } from "./indicator-submission.ts";
import type { Filterable } from "./odata-filter.ts";
import { readListQuery } from "./odata-list.ts";
import { checkSize, readList, readObject } from "./parameters.ts";
import type { Call, Route } from "./route.ts";

const LARGEST_BATCH = 500;

/** `Ti.ReadWrite` reaches only what the app itself created. */
const roles = ["Ti.ReadWrite.All", "Ti.ReadWrite"];

const filterable: Filterable = {
  application: "text",
  createdByDisplayName: "text",
  expirationTime: "time",
  generateAlert: "boolean",
  title: "text",
  rbacGroupNames: "texts",
  rbacGroupIds: "texts",
  indicatorValue: "text",
  indicatorType: "text",
  creationTimeDateTimeUtc: "time",
  createdBy: "text",
  action: "text",
  severity: "text",
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-ti-indicators-collection */
const listIndicators: Route = {
  method: "GET",
  path: "/indicators",
  roles,
  perform(call) {
    const { indicators } = call.simulator.tenant.tables;
    const { filter, page } = readListQuery(call.query, filterable, { address: call.address });
    const values = filter.possible("indicatorValue");
    const candidates = values
      ? [...values].flatMap((value) => indicators.where("indicatorValue", value))
      : mayReachAll(call)
        ? indicators.all()
        : indicators.where("createdBy", call.appId);
    const now = call.simulator.tenant.now();
    const found = candidates.filter((one) => isActive(one, now) && mayReach(call, one) && filter.matches(one));
    return { status: 200, body: { "@odata.context": call.context("Indicators"), ...page(found) } };
  },
};

/** Creates, or updates the one there is. https://learn.microsoft.com/en-us/defender-endpoint/api/post-ti-indicator */
const postIndicator: Route = {
  method: "POST",
  path: "/indicators",
  roles,
  perform(call) {
    const indicator = submitIndicator(call, call.body);
    return { status: 200, body: { "@odata.context": call.context("Indicators/$entity"), ...indicator } };
  },
};

/** Answers 200 even if every item fails. https://learn.microsoft.com/en-us/defender-endpoint/api/import-ti-indicators */
const importIndicators: Route = {
  method: "POST",
  path: "/indicators/import",
  roles,
  limit: { perMinute: 30 },
  perform(call) {
    const { Indicators } = readObject(call.body);
    if (!Array.isArray(Indicators)) {
      throw new ApiError(400, "InvalidRequestBody", "'Indicators' must be a list. Names are case-sensitive.");
    }
    checkSize("Indicators", Indicators, LARGEST_BATCH);
    const value = Indicators.map((item) => importOne(call, item));
    return { status: 200, body: { "@odata.context": call.context("Collection(ImportIndicatorResult)"), value } };
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/delete-ti-indicator-by-id */
const deleteIndicator: Route = {
  method: "DELETE",
  path: "/indicators/{indicatorId}",
  roles,
  perform(call) {
    const { indicatorId = "" } = call.ids;
    const { tables } = call.simulator.tenant;
    if (!isThere(call, indicatorId)) throw notFound("Indicator", indicatorId);
    tables.delete("indicators", indicatorId);
    return { status: 204 };
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/batch-delete-ti-indicators */
const deleteIndicators: Route = {
  method: "POST",
  path: "/indicators/BatchDelete",
  roles,
  limit: { perMinute: 30, perHour: 1500 },
  perform(call) {
    const { settings, tenant } = call.simulator;
    const ids = readList("IndicatorIds", readObject(call.body).IndicatorIds, LARGEST_BATCH);
    const invalid = ids.find((id) => !/^\d+$/.test(id));
    if (invalid !== undefined) throw new ApiError(400, "InvalidInput", `'${invalid}' is not the id of an indicator.`);
    const missing = ids.find((id) => !isThere(call, id));
    if (missing === undefined || settings.current.indicatorBatchWithUnknownIds === "deleteOthers") {
      for (const id of ids) if (isThere(call, id)) tenant.tables.delete("indicators", id);
    }
    if (missing !== undefined) throw notFound("Indicator", missing);
    return { status: 204 };
  },
};

export const indicatorRoutes: readonly Route[] = [
  listIndicators,
  postIndicator,
  importIndicators,
  deleteIndicators,
  deleteIndicator,
];

function importOne(call: Call, item: unknown) {
  const value = (item as Partial<Indicator> | null)?.indicatorValue ?? null;
  try {
    return { id: submitIndicator(call, item).id, indicator: value, isFailed: false, failureReason: null };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // What id a failed item has is not documented.
    return { id: null, indicator: value, isFailed: true, failureReason: error.message };
  }
}

function isThere(call: Call, id: string): boolean {
  const { tenant } = call.simulator;
  const indicator = tenant.tables.indicators.get(id);
  return indicator !== undefined && isActive(indicator, tenant.now()) && mayReach(call, indicator);
}

const mayReachAll = ({ granted }: Call): boolean => granted.includes("Ti.ReadWrite.All");

const mayReach = (call: Call, { createdBy }: Indicator): boolean => mayReachAll(call) || createdBy === call.appId;
