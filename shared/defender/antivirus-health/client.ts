import { type ListQuery, rowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { AntivirusHealth } from "./antivirus-health.ts";
import { antivirusHealthCalls } from "./calls.ts";

/** What `$filter` on antivirus health may name: not `id`, not `rbacGroupName`. */
export type AntivirusHealthProperty =
  | "machineId"
  | "computerDnsName"
  | "osKind"
  | "osPlatform"
  | "osVersion"
  | "avMode"
  | "avSignatureVersion"
  | "avEngineVersion"
  | "avPlatformVersion"
  | "quickScanResult"
  | "quickScanError"
  | "fullScanResult"
  | "fullScanError"
  | "avIsSignatureUpToDate"
  | "avIsEngineUpToDate"
  | "avIsPlatformUpToDate"
  | "rbacGroupId";

/** Reads how Defender Antivirus does on machines. */
export const createAntivirusHealth = (send: Send) => ({
  list: (query: ListQuery<AntivirusHealthProperty> = {}) =>
    rowsOf(send, antivirusHealthCalls.list, {}, query, { row: AntivirusHealth }),
});
