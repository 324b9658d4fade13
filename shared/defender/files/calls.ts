import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { File, FileStatistics } from "./file.ts";

/** The calls on files. */
export const fileCalls = {
  get: defineCall({
    name: "files.get",
    method: "GET",
    path: "/api/files/{hash}",
    permissions: ["File.Read.All"],
    page: "get-file-information",
    answer: File,
  }),
  statistics: defineCall({
    name: "files.statistics",
    method: "GET",
    path: "/api/files/{hash}/stats",
    permissions: ["File.Read.All"],
    page: "get-file-statistics",
    answer: FileStatistics,
  }),
  machines: defineCall({
    name: "files.machines",
    method: "GET",
    path: "/api/files/{sha1}/machines",
    permissions: ["Machine.ReadWrite.All"],
    page: "get-file-related-machines",
    answer: Page,
  }),
  alerts: defineCall({
    name: "files.alerts",
    method: "GET",
    path: "/api/files/{sha1}/alerts",
    permissions: ["Alert.ReadWrite.All"],
    page: "get-file-related-alerts",
    answer: Page,
  }),
};
