import type { Simulator } from "../simulator.ts";
import { isOpen, type MachineActionRecord, machineActionAt } from "../state/machine-action.ts";
import type { Tenant } from "../state/tenant.ts";
import { ApiError, notFound } from "./error.ts";
import type { Filter, Filterable } from "./odata-filter.ts";
import { readListQuery } from "./odata-list.ts";
import { readParameters } from "./parameters.ts";
import type { Call, Route } from "./route.ts";

const filterable: Filterable = {
  id: "text",
  status: "text",
  machineId: "text",
  type: "text",
  requestor: "text",
  creationDateTimeUtc: "time",
  // Not on the page, but a public connector relies on it.
  lastUpdateDateTimeUtc: "time",
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineactions-collection */
const listMachineActions: Route = {
  method: "GET",
  path: "/machineactions",
  roles: ["Machine.ReadWrite.All"],
  perform({ simulator, query, address, context }) {
    const { tenant } = simulator;
    const { filter, page } = readListQuery(query, filterable, { address });
    const now = tenant.now();
    const actions = findCandidates(tenant, filter)
      .filter((action) => isVisible(simulator, action))
      .map((action) => machineActionAt(action, now))
      .filter(filter.matches)
      .reverse();
    return { status: 200, body: { "@odata.context": context("MachineActions"), ...page(actions) } };
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineaction-object */
const getMachineAction: Route = {
  method: "GET",
  path: "/machineactions/{machineActionId}",
  roles: ["Machine.ReadWrite.All"],
  perform: ({ simulator, ids, context }) => answer(simulator, findMachineAction(simulator, ids), context),
};

/**
 * Any one of these roles will do, whatever the type of the action: no match between the two is enforced.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/cancel-machine-action
 */
const cancelMachineAction: Route = {
  method: "POST",
  path: "/machineactions/{machineActionId}/cancel",
  roles: [
    "Machine.CollectForensics",
    "Machine.Isolate",
    "Machine.RestrictExecution",
    "Machine.Scan",
    "Machine.Offboard",
    "Machine.StopAndQuarantine",
    "Machine.LiveResponse",
  ],
  perform({ simulator, ids, body, appId, context }) {
    const action = findMachineAction(simulator, ids);
    const { Comment = "" } = readParameters(body, { Comment: { required: true } });
    const { status } = machineActionAt(action, simulator.tenant.now());
    if (!isOpen({ status })) {
      throw new ApiError(400, "BadRequest", `Machine action ${action.id} is ${status} and cannot be cancelled`);
    }
    return answer(simulator, simulator.tenant.cancelAction(action, appId, Comment), context);
  },
};

export const machineActionRoutes: readonly Route[] = [listMachineActions, getMachineAction, cancelMachineAction];

/** The machine actions a filter can match at all, oldest first: after a storm there are many, and few are asked for. */
function findCandidates(tenant: Tenant, filter: Filter): MachineActionRecord[] {
  const machineIds = filter.possible("machineId");
  if (machineIds) {
    const actions = [...machineIds].flatMap((machineId) => tenant.actionsOf(machineId));
    return actions.sort((one, other) => one.createdAt - other.createdAt);
  }
  const statuses = filter.possible("status");
  const isAboutOpen = statuses && [...statuses].every((status) => status === "Pending" || status === "InProgress");
  return isAboutOpen ? tenant.openActions() : [...tenant.machineActions.values()];
}

/** The live service has been seen not to know an action for a while after it was made. */
const isVisible = ({ tenant, settings }: Simulator, { createdAt }: MachineActionRecord): boolean =>
  tenant.now() >= createdAt + settings.current.newActionsVisibleAfterMs;

/** The machine action a call names. */
export function findMachineAction(simulator: Simulator, { machineActionId = "" }: Call["ids"]): MachineActionRecord {
  const action = simulator.tenant.machineActions.get(machineActionId.toLowerCase());
  if (!action || !isVisible(simulator, action)) throw notFound("Machine action", machineActionId);
  return action;
}

function answer({ tenant }: Simulator, action: MachineActionRecord, context: Call["context"]) {
  return {
    status: 200,
    body: { "@odata.context": context("MachineActions/$entity"), ...machineActionAt(action, tenant.now()) },
    about: { machineId: action.machineId, actionType: action.type },
  };
}
