import { z } from "zod";
import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { MachineAction } from "./machine-action.ts";

const READ = ["Machine.ReadWrite.All", "Machine.Read.All"];

const act = <Name extends string>(action: Name, name: string, permissions: readonly string[], page: string) =>
  defineCall({
    name: `machineActions.${name}`,
    method: "POST",
    path: `/api/machines/{machineId}/${action}` as const,
    permissions,
    page,
    answer: MachineAction,
  });

/** What Defender can be asked to do on a machine, and how to follow it. */
export const machineActionCalls = {
  isolate: act("isolate", "isolate", ["Machine.Isolate"], "isolate-machine"),
  collectInvestigationPackage: act(
    "collectInvestigationPackage",
    "collectInvestigationPackage",
    ["Machine.CollectForensics"],
    "collect-investigation-package",
  ),
  list: defineCall({
    name: "machineActions.list",
    method: "GET",
    path: "/api/machineactions",
    permissions: READ,
    page: "get-machineactions-collection",
    answer: Page,
  }),
  get: defineCall({
    name: "machineActions.get",
    method: "GET",
    path: "/api/machineactions/{machineActionId}",
    permissions: READ,
    page: "get-machineaction-object",
    answer: MachineAction,
  }),
  packageLink: defineCall({
    name: "machineActions.packageLink",
    method: "GET",
    path: "/api/machineactions/{machineActionId}/getPackageUri",
    permissions: READ,
    page: "get-package-sas-uri",
    answer: z.looseObject({ value: z.string() }),
  }),
};
