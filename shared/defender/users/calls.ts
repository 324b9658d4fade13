import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";

/** The calls on users. */
export const userCalls = {
  machines: defineCall({
    name: "users.machines",
    method: "GET",
    path: "/api/users/{accountName}/machines",
    permissions: ["Machine.ReadWrite.All"],
    page: "get-user-related-machines",
    answer: Page,
  }),
  alerts: defineCall({
    name: "users.alerts",
    method: "GET",
    path: "/api/users/{accountName}/alerts",
    permissions: ["Alert.ReadWrite.All", "Alert.Read.All"],
    page: "get-user-related-alerts",
    answer: Page,
  }),
};
