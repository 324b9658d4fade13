import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { IpStatistics } from "./ip.ts";

/** The calls on IP addresses. */
export const ipCalls = {
  statistics: defineCall({
    name: "ips.statistics",
    method: "GET",
    path: "/api/ips/{ip}/stats",
    permissions: ["Ip.Read.All"],
    page: "get-ip-statistics",
    answer: IpStatistics,
  }),
  alerts: defineCall({
    name: "ips.alerts",
    method: "GET",
    path: "/api/ips/{ip}/alerts",
    permissions: ["Alert.ReadWrite.All", "Alert.Read.All"],
    page: "get-ip-related-alerts",
    answer: Page,
  }),
};
