import type { Simulator } from "../simulator.ts";
import type { Machine } from "../state/machine.ts";
import { ApiError } from "./error.ts";
import type { Route } from "./route.ts";

const roles = ["Machine.ReadWrite.All"];
const MINUTE_MS = 60_000;
const OLDEST_MS = 30 * 24 * 60 * MINUTE_MS;

/** https://learn.microsoft.com/en-us/defender-endpoint/api/find-machines-by-ip */
const findByIp: Route = {
  method: "GET",
  path: "/machines/findbyip(ip='{ip}',timestamp={timestamp})",
  roles,
  perform: ({ simulator, ids: { ip = "", timestamp = "" }, context }) => ({
    status: 200,
    body: { "@odata.context": context("Machines"), value: machinesAt(simulator, ip, timestamp, 15 * MINUTE_MS) },
  }),
};

/** The older form, which finds nothing with 404. https://learn.microsoft.com/en-us/defender-endpoint/api/find-machine-info-by-ip */
const findByKey: Route = {
  method: "GET",
  path: "/machines/find(timestamp={timestamp},key={ip})",
  roles,
  perform({ simulator, ids: { ip = "", timestamp = "" }, context }) {
    const value = machinesAt(simulator, ip.replace(/^'(.*)'$/, "$1"), timestamp, 16 * MINUTE_MS);
    if (value.length === 0) throw new ApiError(404, "ResourceNotFound", `No machine had the address ${ip} then`);
    return { status: 200, body: { "@odata.context": context("Machines"), value } };
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/find-machines-by-tag */
const findByTag: Route = {
  method: "GET",
  path: "/machines/findbytag",
  roles,
  perform({ simulator, query, context }) {
    const tag = query.get("tag");
    if (!tag) throw new ApiError(400, "MissingRequiredParameter", "The parameter 'tag' is required.");
    const startsWith = query.get("useStartsWithFilter")?.toLowerCase() === "true";
    const value = allMachines(simulator).filter(({ machineTags }) =>
      machineTags.some((own) => (startsWith ? own.startsWith(tag) : own === tag)),
    );
    return { status: 200, body: { "@odata.context": context("Machines"), value } };
  },
};

/** They go before the call for one machine, whose id could be anything. */
export const machineSearchRoutes: readonly Route[] = [findByIp, findByKey, findByTag];

/**
 * The machines that had an internal address at a time, give or take the window. The simulator knows no former
 * addresses: a machine has its own from its first report on, to this day if it is active.
 */
function machinesAt(simulator: Simulator, ip: string, timestamp: string, windowMs: number): Machine[] {
  const at = Date.parse(timestamp);
  if (Number.isNaN(at)) throw new ApiError(400, "InvalidInput", `'${timestamp}' is not a time.`);
  if (at < simulator.tenant.now() - OLDEST_MS) {
    throw new ApiError(400, "InvalidInput", "The timestamp must be in the past 30 days.");
  }
  return allMachines(simulator).filter(
    ({ lastIpAddress, ipAddresses, firstSeen, lastSeen, healthStatus }) =>
      (lastIpAddress === ip || ipAddresses.some(({ ipAddress }) => ipAddress === ip)) &&
      at >= Date.parse(firstSeen) - windowMs &&
      (healthStatus === "Active" || at <= Date.parse(lastSeen) + windowMs),
  );
}

const allMachines = ({ tenant }: Simulator): Machine[] => [...tenant.machines.values()].map(({ machine }) => machine);
