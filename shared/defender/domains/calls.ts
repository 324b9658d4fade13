import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { DomainStatistics } from "./domain.ts";

/** The calls on domains. */
export const domainCalls = {
  statistics: defineCall({
    name: "domains.statistics",
    method: "GET",
    path: "/api/domains/{domain}/stats",
    permissions: ["Url.Read.All"],
    page: "get-domain-statistics",
    answer: DomainStatistics,
  }),
  machines: defineCall({
    name: "domains.machines",
    method: "GET",
    path: "/api/domains/{domain}/machines",
    permissions: ["Machine.ReadWrite.All"],
    page: "get-domain-related-machines",
    answer: Page,
  }),
  alerts: defineCall({
    name: "domains.alerts",
    method: "GET",
    path: "/api/domains/{domain}/alerts",
    permissions: ["Alert.ReadWrite.All"],
    page: "get-domain-related-alerts",
    answer: Page,
  }),
};
