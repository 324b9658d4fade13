import type { Reply } from "../http.ts";
import { isOnboarded, isWindows, type Machine } from "../state/machine.ts";
import {
  type MachineActionRecord,
  type MachineActionType,
  machineActionAt,
  newMachineAction,
} from "../state/machine-action.ts";
import type { ActionRequest } from "../state/tenant.ts";
import { ApiError } from "./error.ts";
import { findMachine, unknown } from "./machines.ts";
import { type Parameter, readParameters } from "./parameters.ts";
import type { Call, Route } from "./route.ts";

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
  /** Refuses what the machine cannot do. */
  check?: (machine: Machine, parameters: Record<string, string>) => void;
}

const isSha1 = { test: (value: string) => /^[0-9a-f]{40}$/i.test(value), code: "InvalidHashValue" };

// The page does not mark the type as required, and does not say what stands in for it.
const isolationType = ({ IsolationType }: Record<string, string>): string => IsolationType ?? "Full";

/** One row per page under https://learn.microsoft.com/en-us/defender-endpoint/api/machineaction */
const responseActions: readonly ResponseAction[] = [
  {
    name: "isolate",
    type: "Isolate",
    roles: ["Machine.Isolate"],
    parameters: { IsolationType: { oneOf: ["Full", "Selective", "UnManagedDevice"] } },
    scope: isolationType,
    check: checkIsolation,
  },
  // Presumed to end containment too, as no other call could.
  { name: "unisolate", type: "Unisolate", roles: ["Machine.Isolate"], check: () => {} },
  {
    name: "restrictCodeExecution",
    type: "RestrictCodeExecution",
    roles: ["Machine.RestrictExecution"],
    check: onWindowsOnly,
  },
  {
    name: "unrestrictCodeExecution",
    type: "UnrestrictCodeExecution",
    roles: ["Machine.RestrictExecution"],
    check: onWindowsOnly,
  },
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
    check: onWindowsOnly,
  },
  { name: "collectInvestigationPackage", type: "CollectInvestigationPackage", roles: ["Machine.CollectForensics"] },
  { name: "offboard", type: "Offboard", roles: ["Machine.Offboard"], check: onWindowsOnly },
];

export const responseActionRoutes: readonly Route[] = responseActions.map(toRoute);

function toRoute({ name, type, roles, parameters: own, scope, sha1, check = onboardedOnly }: ResponseAction): Route {
  const known: Record<string, Parameter> = { Comment: { required: true }, ...own };
  return {
    method: "POST",
    path: `/machines/{machineId}/${name}`,
    roles,
    actionType: type,
    perform(call) {
      const { simulator, ids, body, appId } = call;
      const { machine } = findMachine(simulator, ids.machineId ?? "") ?? unknown(ids.machineId ?? "");
      const parameters = readParameters(body, known) as Record<string, string>;
      check(machine, parameters);
      const fileIdentifier = sha1?.(parameters);
      return answerRequest(call, {
        type,
        machineId: machine.id,
        requestor: appId,
        comment: parameters.Comment ?? "",
        scope: scope?.(parameters) ?? null,
        relatedFileInfo: fileIdentifier ? { fileIdentifier, fileIdentifierType: "Sha1" } : null,
      });
    },
  };
}

/** Takes a request in, unless one of its type is open on the machine. */
function answerRequest(call: Call, request: ActionRequest): Reply {
  const { tenant, settings } = call.simulator;
  const open = tenant.openAction(request.machineId, request.type);
  // Documented so, beside the refusal; of a collection the page knows only the refusal.
  const isReturned =
    settings.current.duplicateActions === "returnOpen" && request.type !== "CollectInvestigationPackage";
  if (open && isReturned) return answerAction(call, open, machineActionAt(open, tenant.now()));
  if (open) throw new ApiError(400, "ActiveRequestAlreadyExists", "Action is already in progress");
  const action = tenant.requestAction(request);
  return answerAction(call, action, newMachineAction(action));
}

/** The answer to a request for a machine action. */
export function answerAction({ simulator, context }: Call, action: MachineActionRecord, printed: object): Reply {
  const { sparseNewActions } = simulator.settings.current;
  return {
    status: 201,
    body: {
      "@odata.context": context("MachineActions/$entity"),
      ...printed,
      ...(sparseNewActions && { machineId: null, computerDnsName: null, scope: null }),
    },
    about: { machineId: action.machineId, machineActionId: action.id },
  };
}

/**
 * A device that is not onboarded can be contained and nothing else, and only such a device can. What Defender answers
 * to the wrong one of the two is not documented: the code and the sentences are made up.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/isolate-machine
 */
function checkIsolation(machine: Machine, parameters: Record<string, string>): void {
  const type = isolationType(parameters);
  if (type !== "UnManagedDevice") onboardedOnly(machine);
  else if (isOnboarded(machine)) {
    throw new ApiError(400, "BadRequest", `Machine ${machine.id} is onboarded and cannot be contained as unmanaged`);
  }
  if (type === "Selective") onWindowsOnly(machine);
}

export function onboardedOnly(machine: Machine): void {
  if (isOnboarded(machine)) return;
  throw new ApiError(400, "BadRequest", `Machine ${machine.id} is not onboarded (${machine.onboardingStatus})`);
}

/** For calls whose page lists versions of Windows and no other system. */
export function onWindowsOnly(machine: Machine): void {
  onboardedOnly(machine);
  if (isWindows(machine)) return;
  throw new ApiError(400, "OsPlatformNotSupported", `The action is not supported on ${machine.osPlatform}`);
}
