import type { Simulator } from "../simulator.ts";
import type { Alert } from "../state/alert.ts";
import type { Machine } from "../state/machine.ts";
import type { Row } from "../state/table.ts";
import { toDefenderTime } from "../state/timestamp.ts";
import { listAlerts } from "./alerts.ts";
import type { Call, Route } from "./route.ts";

/** By account name alone: a UPN or `domain\user` finds nothing. https://learn.microsoft.com/en-us/defender-endpoint/api/get-user-related-alerts */
const listUserAlerts: Route = {
  method: "GET",
  path: "/users/{userName}/alerts",
  roles: ["Alert.Read.All", "Alert.ReadWrite.All"],
  perform: (call) => listAlerts(call, alertsOf(call)),
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-user-related-machines */
const listUserMachines: Route = {
  method: "GET",
  path: "/users/{userName}/machines",
  roles: ["Machine.ReadWrite.All"],
  perform(call) {
    const { tenant } = call.simulator;
    const logons = tenant.tables.logonUsers.where("accountName", call.ids.userName ?? "");
    const ids = new Set([...logons, ...alertsOf(call)].map(({ machineId }) => String(machineId)));
    const value = [...ids].flatMap((id) => tenant.machines.get(id)?.machine ?? []);
    return { status: 200, body: { "@odata.context": call.context("Machines"), value } };
  },
};

export const userRoutes: readonly Route[] = [listUserAlerts, listUserMachines];

/** The users of a machine: those put there, or else one made up from its id. */
export function usersOf(machine: Machine, simulator: Simulator): Row[] {
  const known = simulator.tenant.tables.logonUsers.where("machineId", machine.id);
  if (known.length === 0) return [usualUser(machine, simulator)];
  return known.map(({ machineId: _, ...user }) => user);
}

/** A user as Defender knows one, from where they log on or from what an alert says. */
export function userNamed({ tenant }: Simulator, accountName: string, accountDomain: string, alert: Alert): Row {
  const logons = tenant.tables.logonUsers.where("accountName", accountName);
  const [first] = logons.filter((user) => sameText(user.accountDomain, accountDomain));
  if (first) {
    const { machineId: _, ...user } = first;
    return user;
  }
  const seen = { firstSeen: alert.firstEventTime, lastSeen: alert.lastEventTime };
  return { ...aUser(accountName, accountDomain, alert.machineId), ...seen, logonTypes: null };
}

function alertsOf({ simulator, ids: { userName = "" } }: Call): Alert[] {
  return [...simulator.tenant.alerts.values()].filter(
    ({ relatedUser, evidence }) =>
      sameText(relatedUser?.userName, userName) || evidence.some(({ accountName }) => sameText(accountName, userName)),
  );
}

const sameText = (one: unknown, other: string): boolean => String(one ?? "").toLowerCase() === other.toLowerCase();

function usualUser({ id, firstSeen, lastSeen }: Machine, { tenant }: Simulator): Row {
  const now = toDefenderTime(tenant.now());
  return {
    ...aUser(`user-${id.slice(0, 8).toLowerCase()}`, "contoso", id),
    accountSid: `S-1-5-21-${Number.parseInt(id.slice(0, 7), 16)}-${Number.parseInt(id.slice(7, 14), 16)}-1001`,
    firstSeen: firstSeen ?? now,
    lastSeen: lastSeen ?? now,
  };
}

const aUser = (accountName: string, accountDomain: string, machineId: string | null) => ({
  id: `${accountDomain}\\${accountName}`,
  accountName,
  accountDomain,
  accountSid: null,
  firstSeen: null,
  lastSeen: null,
  mostPrevalentMachineId: machineId,
  leastPrevalentMachineId: machineId,
  logonTypes: "Interactive",
  logOnMachinesCount: 1,
  isDomainAdmin: false,
  isOnlyNetworkUser: false,
});
