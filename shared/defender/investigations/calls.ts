import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { Investigation } from "./investigation.ts";

const READ = ["Alert.ReadWrite.All", "Alert.Read.All"];

/** The calls on automated investigations. None approves or rejects what an investigation proposes. */
export const investigationCalls = {
  list: defineCall({
    name: "investigations.list",
    method: "GET",
    path: "/api/investigations",
    permissions: READ,
    page: "get-investigation-collection",
    answer: Page,
  }),
  get: defineCall({
    name: "investigations.get",
    method: "GET",
    path: "/api/investigations/{id}",
    permissions: READ,
    page: "get-investigation-object",
    answer: Investigation,
  }),
  start: defineCall({
    name: "investigations.start",
    method: "POST",
    path: "/api/machines/{machineId}/startInvestigation",
    permissions: ["Alert.ReadWrite.All"],
    page: "initiate-autoir-investigation",
    answer: Investigation,
  }),
};
