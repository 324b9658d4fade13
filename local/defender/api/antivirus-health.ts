import { answerList } from "./entity-list.ts";
import type { Filterable } from "./odata-filter.ts";
import type { Route } from "./route.ts";

/** Neither `rbacGroupName` nor `id`. Whether something is up to date is a text: `True`, `False` or `Unknown`. */
const filterable: Filterable = {
  machineId: "text",
  computerDnsName: "text",
  osKind: "text",
  osPlatform: "text",
  osVersion: "text",
  avMode: "text",
  avSignatureVersion: "text",
  avEngineVersion: "text",
  avPlatformVersion: "text",
  quickScanResult: "text",
  quickScanError: "text",
  fullScanResult: "text",
  fullScanError: "text",
  avIsSignatureUpToDate: "text",
  avIsEngineUpToDate: "text",
  avIsPlatformUpToDate: "text",
  rbacGroupId: "number",
};

/**
 * In pages of 20, if no other size is asked for.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/device-health-export-antivirus-health-report-api
 */
const listDeviceAvInfo: Route = {
  method: "GET",
  path: "/deviceavinfo",
  roles: ["Machine.Read.All"],
  limit: { perMinute: 30, perHour: 1000 },
  perform: (call) =>
    answerList(call, "DeviceAvInfo", call.simulator.tenant.tables.deviceAvInfo.all(), filterable, { usualPage: 20 }),
};

export const antivirusHealthRoutes: readonly Route[] = [listDeviceAvInfo];
