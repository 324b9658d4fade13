import { type ListQuery, rowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { BaselineConfiguration, BaselineProfile } from "./baseline.ts";
import { baselineCalls } from "./calls.ts";

/** What `$filter` on baseline profiles may name. */
export type BaselineProfileProperty =
  | "id"
  | "name"
  | "operatingSystem"
  | "operatingSystemVersion"
  | "status"
  | "settingsNumber"
  | "passedDevices"
  | "totalDevices";

/** Reads what machines are measured against. */
export const createBaselines = (send: Send) => ({
  profiles: (query: ListQuery<BaselineProfileProperty> = {}) =>
    rowsOf(send, baselineCalls.profiles, {}, query, { row: BaselineProfile }),

  configurations: (query: ListQuery<"id" | "category" | "name" | "CCE"> = {}) =>
    rowsOf(send, baselineCalls.configurations, {}, query, { row: BaselineConfiguration, key: "uniqueId" }),
});
