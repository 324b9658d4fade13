import { type MachineActionType, newMachineAction } from "../state/machine-action.ts";
import { ApiError } from "./error.ts";
import { findMachine, unknown } from "./machines.ts";
import { type Parameter, readParameters } from "./parameters.ts";
import type { Route } from "./route.ts";

/** A call that has Defender do something on a machine. Every one of them takes a `Comment`. */
interface ResponseAction {
  name: string;
  type: MachineActionType;
  roles: readonly string[];
  parameters?: Record<string, Parameter>;
  /** What the machine action says in `scope`, from the parameters. */
  scope?: (parameters: Record<string, string>) => string;
  /** The file the machine action is about, from the parameters. */
  sha1?: (parameters: Record<string, string>) => string | undefined;
}

const isSha1 = { test: (value: string) => /^[0-9a-f]{40}$/i.test(value), code: "InvalidHashValue" };

/** One row per page under https://learn.microsoft.com/en-us/defender-endpoint/api/machineaction */
const responseActions: readonly ResponseAction[] = [
  {
    name: "isolate",
    type: "Isolate",
    roles: ["Machine.Isolate"],
    parameters: { IsolationType: { oneOf: ["Full", "Selective", "UnManagedDevice"] } },
    // The page does not mark the type as required, and does not say what stands in for it.
    scope: ({ IsolationType }) => IsolationType ?? "Full",
  },
  { name: "unisolate", type: "Unisolate", roles: ["Machine.Isolate"] },
  { name: "restrictCodeExecution", type: "RestrictCodeExecution", roles: ["Machine.RestrictExecution"] },
  { name: "unrestrictCodeExecution", type: "UnrestrictCodeExecution", roles: ["Machine.RestrictExecution"] },
  {
    name: "runAntiVirusScan",
    type: "RunAntiVirusScan",
    roles: ["Machine.Scan"],
    parameters: { ScanType: { required: true, oneOf: ["Quick", "Full"] } },
    scope: ({ ScanType = "" }) => ScanType,
  },
  {
    name: "StopAndQuarantineFile",
    type: "StopAndQuarantineFile",
    roles: ["Machine.StopAndQuarantine", "Machine.ReadWrite.All"],
    parameters: { Sha1: { required: true, pattern: isSha1 } },
    sha1: ({ Sha1 }) => Sha1,
  },
  { name: "collectInvestigationPackage", type: "CollectInvestigationPackage", roles: ["Machine.CollectForensics"] },
];

export const responseActionRoutes: readonly Route[] = responseActions.map(toRoute);

function toRoute({ name, type, roles, parameters: own, scope, sha1 }: ResponseAction): Route {
  const known: Record<string, Parameter> = { Comment: { required: true }, ...own };
  return {
    method: "POST",
    path: `/machines/{machineId}/${name}`,
    roles,
    actionType: type,
    perform({ simulator, ids: { machineId = "" }, body, appId, context }) {
      const { machine } = findMachine(simulator, machineId) ?? unknown(machineId);
      const parameters = readParameters(body, known) as Record<string, string>;
      if (simulator.tenant.openAction(machine.id, type)) {
        throw new ApiError(400, "ActiveRequestAlreadyExists", "Action is already in progress");
      }
      const fileIdentifier = sha1?.(parameters);
      const action = simulator.tenant.requestAction({
        type,
        machineId: machine.id,
        requestor: appId,
        comment: parameters.Comment ?? "",
        scope: scope?.(parameters) ?? null,
        relatedFileInfo: fileIdentifier ? { fileIdentifier, fileIdentifierType: "Sha1" } : null,
      });
      return {
        status: 201,
        body: {
          "@odata.context": context("MachineActions/$entity"),
          ...newMachineAction(action),
          ...(simulator.settings.current.sparseNewActions && { machineId: null, computerDnsName: null, scope: null }),
        },
        about: { machineId: machine.id, machineActionId: action.id },
      };
    },
  };
}
