import { z } from "zod";
import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { Indicator } from "./indicator.ts";

/** `Ti.ReadWrite` is for the app's own indicators; the newer pages no longer name it for changes. */
const PERMISSIONS = ["Ti.ReadWrite.All", "Ti.ReadWrite"];

/** The calls on indicators. */
export const indicatorCalls = {
  submit: defineCall({
    name: "indicators.submit",
    method: "POST",
    path: "/api/indicators",
    permissions: PERMISSIONS,
    page: "post-ti-indicator",
    answer: Indicator,
  }),
  import: defineCall({
    name: "indicators.import",
    method: "POST",
    path: "/api/indicators/import",
    permissions: PERMISSIONS,
    page: "import-ti-indicators",
    answer: Page,
  }),
  list: defineCall({
    name: "indicators.list",
    method: "GET",
    path: "/api/indicators",
    permissions: PERMISSIONS,
    page: "get-ti-indicators-collection",
    answer: Page,
  }),
  delete: defineCall({
    name: "indicators.delete",
    method: "DELETE",
    path: "/api/indicators/{indicatorId}",
    permissions: PERMISSIONS,
    page: "delete-ti-indicator-by-id",
    answer: z.unknown(),
  }),
  batchDelete: defineCall({
    name: "indicators.batchDelete",
    method: "POST",
    path: "/api/indicators/BatchDelete",
    permissions: ["Ti.ReadWrite.All"],
    page: "batch-delete-ti-indicators",
    answer: z.unknown(),
  }),
};
