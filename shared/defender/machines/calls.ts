import { z } from "zod";
import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { WholeNumber } from "../whole-number.ts";
import { Machine } from "./machine.ts";

/** Read permissions are printed as ReadWrite only since late 2025; the older Read variant may be refused. */
const READ = ["Machine.ReadWrite.All", "Machine.Read.All"];
const READ_ALERTS = ["Alert.ReadWrite.All", "Alert.Read.All"];
const CHANGE = ["Machine.ReadWrite.All"];

/** The calls on machines. Acting on one is in `machine-actions/`. */
export const machineCalls = {
  list: defineCall({
    name: "machines.list",
    method: "GET",
    path: "/api/machines",
    permissions: READ,
    page: "get-machines",
    answer: Page,
  }),
  get: defineCall({
    name: "machines.get",
    method: "GET",
    path: "/api/machines/{machineId}",
    permissions: READ,
    page: "get-machine-by-id",
    answer: Machine,
  }),
  loggedOnUsers: defineCall({
    name: "machines.loggedOnUsers",
    method: "GET",
    path: "/api/machines/{machineId}/logonusers",
    permissions: ["User.Read.All"],
    page: "get-machine-log-on-users",
    answer: Page,
  }),
  findByIp: defineCall({
    name: "machines.findByIp",
    method: "GET",
    path: "/api/machines/findbyip(ip='{ip}',timestamp={time})",
    permissions: CHANGE,
    page: "find-machines-by-ip",
    answer: Page,
  }),
  findByInternalIp: defineCall({
    name: "machines.findByInternalIp",
    method: "GET",
    path: "/api/machines/find(timestamp={time},key='{ip}')",
    permissions: CHANGE,
    page: "find-machine-info-by-ip",
    answer: Page,
  }),
  findByTag: defineCall({
    name: "machines.findByTag",
    method: "GET",
    path: "/api/machines/findbytag",
    permissions: CHANGE,
    page: "find-machines-by-tag",
    answer: Page,
  }),
  alerts: defineCall({
    name: "machines.alerts",
    method: "GET",
    path: "/api/machines/{machineId}/alerts",
    permissions: READ_ALERTS,
    page: "get-machine-related-alerts",
    answer: Page,
  }),
  countAlerts: defineCall({
    name: "machines.countAlerts",
    method: "GET",
    path: "/api/machines/{machineId}/alerts/$count",
    permissions: READ_ALERTS,
    page: "get-machine-related-alerts",
    answer: WholeNumber,
  }),
  software: defineCall({
    name: "machines.software",
    method: "GET",
    path: "/api/machines/{machineId}/software",
    permissions: ["Software.Read.All"],
    page: "get-installed-software",
    answer: Page,
  }),
  vulnerabilities: defineCall({
    name: "machines.vulnerabilities",
    method: "GET",
    path: "/api/machines/{machineId}/vulnerabilities",
    permissions: ["Vulnerability.Read.All"],
    page: "get-discovered-vulnerabilities",
    answer: Page,
  }),
  recommendations: defineCall({
    name: "machines.recommendations",
    method: "GET",
    path: "/api/machines/{machineId}/recommendations",
    permissions: ["SecurityRecommendation.Read.All"],
    page: "get-security-recommendations",
    answer: Page,
  }),
  missingUpdates: defineCall({
    name: "machines.missingUpdates",
    method: "GET",
    path: "/api/machines/{machineId}/getmissingkbs",
    permissions: ["Software.Read.All"],
    page: "get-missing-kbs-machine",
    answer: Page,
  }),
  tag: defineCall({
    name: "machines.tag",
    method: "POST",
    path: "/api/machines/{machineId}/tags",
    permissions: CHANGE,
    page: "add-or-remove-machine-tags",
    answer: Machine,
  }),
  tagMany: defineCall({
    name: "machines.tagMany",
    method: "POST",
    path: "/api/machines/AddOrRemoveTagForMultipleMachines",
    permissions: CHANGE,
    page: "add-or-remove-multiple-machine-tags",
    answer: z.unknown(),
  }),
  setDeviceValue: defineCall({
    name: "machines.setDeviceValue",
    method: "POST",
    path: "/api/machines/{machineId}/setDeviceValue",
    permissions: CHANGE,
    page: "set-device-value",
    answer: Machine,
  }),
};
