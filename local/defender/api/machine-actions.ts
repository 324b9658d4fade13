import type { Simulator } from "../simulator.ts";
import { isOpen, type MachineActionRecord, machineActionAt } from "../state/machine-action.ts";
import { ApiError, notFound } from "./error.ts";
import type { Filterable } from "./odata-filter.ts";
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
  perform({ simulator: { tenant }, query, address, context }) {
    const { filter, page } = readListQuery(query, filterable, { address });
    const machineId = filter.required("machineId");
    const candidates = machineId ? tenant.actionsOf(machineId) : [...tenant.machineActions.values()];
    const now = tenant.now();
    const actions = candidates
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

/** The machine action a call names. */
export function findMachineAction({ tenant }: Simulator, { machineActionId = "" }: Call["ids"]): MachineActionRecord {
  const action = tenant.machineActions.get(machineActionId.toLowerCase());
  if (!action) throw notFound("Machine action", machineActionId);
  return action;
}

function answer({ tenant }: Simulator, action: MachineActionRecord, context: Call["context"]) {
  return {
    status: 200,
    body: { "@odata.context": context("MachineActions/$entity"), ...machineActionAt(action, tenant.now()) },
    about: { machineId: action.machineId, actionType: action.type },
  };
}
