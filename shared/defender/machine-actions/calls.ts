import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { Link } from "./link.ts";
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
  release: act("unisolate", "release", ["Machine.Isolate"], "unisolate-machine"),
  restrictCodeExecution: act(
    "restrictCodeExecution",
    "restrictCodeExecution",
    ["Machine.RestrictExecution"],
    "restrict-code-execution",
  ),
  unrestrictCodeExecution: act(
    "unrestrictCodeExecution",
    "unrestrictCodeExecution",
    ["Machine.RestrictExecution"],
    "unrestrict-code-execution",
  ),
  runAntiVirusScan: act("runAntiVirusScan", "runAntiVirusScan", ["Machine.Scan"], "run-av-scan"),
  stopAndQuarantineFile: act(
    "StopAndQuarantineFile",
    "stopAndQuarantineFile",
    ["Machine.StopAndQuarantine", "Machine.ReadWrite.All"],
    "stop-and-quarantine-file",
  ),
  collectInvestigationPackage: act(
    "collectInvestigationPackage",
    "collectInvestigationPackage",
    ["Machine.CollectForensics"],
    "collect-investigation-package",
  ),
  offboard: act("offboard", "offboard", ["Machine.Offboard"], "offboard-machine-api"),
  list: defineCall({
    name: "machineActions.list",
    method: "GET",
    path: "/api/machineactions",
    permissions: READ,
    page: "get-machineactions-collection",
    shared: true,
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
  /** Any of the permissions to act will do, whatever the action: no match between the two is enforced. */
  cancel: defineCall({
    name: "machineActions.cancel",
    method: "POST",
    path: "/api/machineactions/{machineActionId}/cancel",
    permissions: [
      "Machine.Isolate",
      "Machine.RestrictExecution",
      "Machine.Scan",
      "Machine.Offboard",
      "Machine.StopAndQuarantine",
      "Machine.LiveResponse",
      "Machine.CollectForensics",
    ],
    page: "cancel-machine-action",
    answer: MachineAction,
  }),
  packageLink: defineCall({
    name: "machineActions.packageLink",
    method: "GET",
    path: "/api/machineactions/{machineActionId}/getPackageUri",
    permissions: READ,
    page: "get-package-sas-uri",
    answer: Link,
  }),
};
