import { isIP } from "node:net";
import { hasDomain, hasIp, sightings } from "../state/evidence.ts";
import { listAlerts } from "./alerts.ts";
import { ApiError } from "./error.ts";
import { machinesWith, statsOf } from "./look-back.ts";
import type { Call, Route } from "./route.ts";

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-ip-related-alerts */
const listIpAlerts: Route = {
  method: "GET",
  path: "/ips/{ip}/alerts",
  roles: ["Alert.Read.All", "Alert.ReadWrite.All"],
  perform: (call) => listAlerts(call, ofIp(call).alerts),
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-ip-statistics */
const getIpStats: Route = {
  method: "GET",
  path: "/ips/{ip}/stats",
  roles: ["Ip.Read.All"],
  perform(call) {
    const ipAddress = call.ids.ip ?? "";
    const stats = statsOf(call, ofIp(call));
    return answer(call, "InOrgIPStats", { ipAddress, ...stats, ...call.simulator.tenant.tables.ips.get(ipAddress) });
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-domain-related-alerts */
const listDomainAlerts: Route = {
  method: "GET",
  path: "/domains/{domain}/alerts",
  roles: ["Alert.ReadWrite.All"],
  perform: (call) => listAlerts(call, ofDomain(call).alerts),
};

/** At most 500. https://learn.microsoft.com/en-us/defender-endpoint/api/get-domain-related-machines */
const listDomainMachines: Route = {
  method: "GET",
  path: "/domains/{domain}/machines",
  roles: ["Machine.ReadWrite.All"],
  perform: (call) => machinesWith(call, ofDomain(call), 500),
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-domain-statistics */
const getDomainStats: Route = {
  method: "GET",
  path: "/domains/{domain}/stats",
  roles: ["Url.Read.All"],
  perform(call) {
    const host = call.ids.domain ?? "";
    const stats = statsOf(call, ofDomain(call));
    return answer(call, "InOrgDomainStats", { host, ...stats, ...call.simulator.tenant.tables.domains.get(host) });
  },
};

export const networkRoutes: readonly Route[] = [
  listIpAlerts,
  getIpStats,
  listDomainAlerts,
  listDomainMachines,
  getDomainStats,
];

function ofIp({ simulator, ids: { ip = "" } }: Call) {
  if (isIP(ip) === 0) throw new ApiError(400, "InvalidIpAddress", `'${ip}' is not an IP address.`);
  return sightings(simulator.tenant, (row) => hasIp(row, ip));
}

const ofDomain = ({ simulator, ids: { domain = "" } }: Call) =>
  sightings(simulator.tenant, (row) => hasDomain(row, domain));

const answer = ({ context }: Call, type: string, body: object) => ({
  status: 200,
  body: { "@odata.context": context(`microsoft.windowsDefenderATP.api.${type}`), ...body },
});
