import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { Machine } from "./machine.ts";

/** Read permissions are printed as ReadWrite only since late 2025; the older Read variant may be refused. */
const READ = ["Machine.ReadWrite.All", "Machine.Read.All"];

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
};
