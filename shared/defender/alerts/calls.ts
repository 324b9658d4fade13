import { defineCall } from "../call.ts";
import { Alert } from "./alert.ts";

/** The calls on alerts. */
export const alertCalls = {
  get: defineCall({
    name: "alerts.get",
    method: "GET",
    path: "/api/alerts/{alertId}",
    permissions: ["Alert.ReadWrite.All", "Alert.Read.All"],
    page: "get-alert-info-by-id",
    answer: Alert,
  }),
  update: defineCall({
    name: "alerts.update",
    method: "PATCH",
    path: "/api/alerts/{alertId}",
    permissions: ["Alert.ReadWrite.All"],
    page: "update-alert",
    answer: Alert,
  }),
};
