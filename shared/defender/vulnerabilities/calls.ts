import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { Vulnerability } from "./vulnerability.ts";

const READ = ["Vulnerability.Read.All"];

/** The calls on vulnerabilities. */
export const vulnerabilityCalls = {
  list: defineCall({
    name: "vulnerabilities.list",
    method: "GET",
    path: "/api/vulnerabilities",
    permissions: READ,
    page: "get-all-vulnerabilities",
    answer: Page,
  }),
  get: defineCall({
    name: "vulnerabilities.get",
    method: "GET",
    path: "/api/vulnerabilities/{cveId}",
    permissions: READ,
    page: "get-vulnerability-by-id",
    answer: Vulnerability,
  }),
  machines: defineCall({
    name: "vulnerabilities.machines",
    method: "GET",
    path: "/api/vulnerabilities/{cveId}/machineReferences",
    permissions: READ,
    page: "get-machines-by-vulnerability",
    answer: Page,
  }),
  byMachine: defineCall({
    name: "vulnerabilities.byMachine",
    method: "GET",
    path: "/api/vulnerabilities/machinesVulnerabilities",
    permissions: READ,
    page: "get-all-vulnerabilities-by-machines",
    answer: Page,
  }),
};
