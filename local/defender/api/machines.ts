import type { Simulator } from "../simulator.ts";
import type { Machine, MachineRecord } from "../state/machine.ts";
import { ApiError, notFound } from "./error.ts";
import type { Filter, Filterable } from "./odata-filter.ts";
import { readListQuery } from "./odata-list.ts";
import type { Route } from "./route.ts";
import { usersOf } from "./users.ts";

const filterable: Filterable = {
  computerDnsName: "text",
  id: "text",
  version: "text",
  deviceValue: "text",
  aadDeviceId: "text",
  machineTags: "texts",
  lastSeen: "time",
  exposureLevel: "text",
  onboardingStatus: "text",
  lastIpAddress: "text",
  healthStatus: "text",
  osPlatform: "text",
  riskScore: "text",
  rbacGroupId: "number",
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-machines */
const listMachines: Route = {
  method: "GET",
  path: "/machines",
  roles: ["Machine.Read.All", "Machine.ReadWrite.All"],
  perform({ simulator, query, address, context }) {
    const { filter, page } = readListQuery(query, filterable, { address });
    const machines = candidates(simulator, filter).filter(filter.matches);
    // Only this list is "not found" when there is nothing in it.
    if (machines.length === 0) throw new ApiError(404, "ResourceNotFound", "No recent machines were found");
    return { status: 200, body: { "@odata.context": context("Machines"), ...page(machines) } };
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-by-id */
const getMachine: Route = {
  method: "GET",
  path: "/machines/{machineId}",
  roles: ["Machine.ReadWrite.All"],
  perform({ simulator, ids: { machineId = "" }, context }) {
    const { machine } = findMachine(simulator, machineId) ?? findByName(simulator, machineId) ?? unknown(machineId);
    return { status: 200, body: { "@odata.context": context("Machines/$entity"), ...machine } };
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-log-on-users */
const listLogonUsers: Route = {
  method: "GET",
  path: "/machines/{machineId}/logonusers",
  roles: ["User.Read.All"],
  perform({ simulator, ids: { machineId = "" }, context }) {
    const { machine } = findMachine(simulator, machineId) ?? unknown(machineId);
    return { status: 200, body: { "@odata.context": context("Users"), value: usersOf(machine, simulator) } };
  },
};

export const machineRoutes: readonly Route[] = [listMachines, getMachine, listLogonUsers];

/** The machine with this id, whatever the case of its digits. */
export function findMachine(simulator: Simulator, machineId: string): MachineRecord | undefined {
  return simulator.tenant.machines.get(machineId) ?? simulator.machine(machineId.toLowerCase());
}

/** The refusal of a call about a machine nobody knows. */
export function unknown(machineId: string): never {
  throw notFound("Machine", machineId);
}

/** By full or short name. Machines set up anew keep their name and get a new id, so the one seen last is meant. */
function findByName(simulator: Simulator, name: string): MachineRecord | undefined {
  const wanted = name.toLowerCase();
  let newest: MachineRecord | undefined;
  for (const record of simulator.tenant.machines.values()) {
    const known = record.machine.computerDnsName?.toLowerCase();
    if (known !== wanted && known?.split(".")[0] !== wanted) continue;
    if (!newest || record.machine.lastSeen > newest.machine.lastSeen) newest = record;
  }
  return newest;
}

/** Those that the filter names by id, or all. */
function candidates({ tenant }: Simulator, filter: Filter): Machine[] {
  const ids = filter.possible("id");
  if (!ids) return [...tenant.machines.values()].map(({ machine }) => machine);
  return [...ids].flatMap((id) => tenant.machines.get(id)?.machine ?? []);
}
