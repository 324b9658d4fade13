import { z } from "zod";
import { defineCall } from "../call.ts";
import { Machine } from "../machines/machine.ts";
import { Page } from "../odata/list.ts";
import { User } from "../users/user.ts";
import { Alert } from "./alert.ts";

/** Read permissions are printed as ReadWrite only since late 2025; the older Read variant may be refused. */
const READ = ["Alert.ReadWrite.All", "Alert.Read.All"];
const CHANGE = ["Alert.ReadWrite.All"];

/** The calls on alerts. */
export const alertCalls = {
  list: defineCall({
    name: "alerts.list",
    method: "GET",
    path: "/api/alerts",
    permissions: READ,
    page: "get-alerts",
    answer: Page,
  }),
  get: defineCall({
    name: "alerts.get",
    method: "GET",
    path: "/api/alerts/{alertId}",
    permissions: READ,
    page: "get-alert-info-by-id",
    answer: Alert,
  }),
  update: defineCall({
    name: "alerts.update",
    method: "PATCH",
    path: "/api/alerts/{alertId}",
    permissions: CHANGE,
    page: "update-alert",
    answer: Alert,
  }),
  batchUpdate: defineCall({
    name: "alerts.batchUpdate",
    method: "POST",
    path: "/api/alerts/batchUpdate",
    permissions: CHANGE,
    page: "batch-update-alerts",
    answer: z.unknown(),
  }),
  createByReference: defineCall({
    name: "alerts.createByReference",
    method: "POST",
    path: "/api/alerts/CreateAlertByReference",
    permissions: CHANGE,
    page: "create-alert-by-reference",
    answer: Alert,
  }),
  machine: defineCall({
    name: "alerts.machine",
    method: "GET",
    path: "/api/alerts/{alertId}/machine",
    permissions: ["Machine.ReadWrite.All", "Machine.Read.All"],
    page: "get-alert-related-machine-info",
    answer: Machine,
  }),
  user: defineCall({
    name: "alerts.user",
    method: "GET",
    path: "/api/alerts/{alertId}/user",
    permissions: ["User.Read.All"],
    page: "get-alert-related-user-info",
    answer: User,
  }),
  files: defineCall({
    name: "alerts.files",
    method: "GET",
    path: "/api/alerts/{alertId}/files",
    permissions: ["File.Read.All"],
    page: "get-alert-related-files-info",
    answer: Page,
  }),
  ips: defineCall({
    name: "alerts.ips",
    method: "GET",
    path: "/api/alerts/{alertId}/ips",
    permissions: ["Ip.Read.All"],
    page: "get-alert-related-ip-info",
    answer: Page,
  }),
  domains: defineCall({
    name: "alerts.domains",
    method: "GET",
    path: "/api/alerts/{alertId}/domains",
    permissions: ["Url.Read.All"],
    page: "get-alert-related-domain-info",
    answer: Page,
  }),
};
