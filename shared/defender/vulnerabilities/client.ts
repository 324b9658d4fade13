import { MachineReference } from "../machines/machine-reference.ts";
import { type ListQuery, linkedRowsOf, rowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { vulnerabilityCalls } from "./calls.ts";
import { MachineVulnerability, Vulnerability } from "./vulnerability.ts";

/** What `$filter` on vulnerabilities may name. */
export type VulnerabilityProperty = "id" | "name" | "description" | "cvssV3" | "publishedOn" | "severity" | "updatedOn";

/** What `$filter` on the vulnerabilities of machines may name. */
export type MachineVulnerabilityProperty =
  | "id"
  | "cveId"
  | "machineId"
  | "fixingKbId"
  | "productName"
  | "productVersion"
  | "severity"
  | "productVendor";

/** This list takes a smaller `$top` than others. */
const PAGE_SIZE = 8_000;

/** Reads vulnerabilities. */
export const createVulnerabilities = (send: Send) => ({
  list: (query: ListQuery<VulnerabilityProperty> = {}) =>
    rowsOf(send, vulnerabilityCalls.list, {}, query, { row: Vulnerability, pageSize: PAGE_SIZE }),

  get: (cveId: string) => send(vulnerabilityCalls.get, { ids: { cveId } }),

  machines: (cveId: string) =>
    linkedRowsOf(send, vulnerabilityCalls.machines, { ids: { cveId } }, { row: MachineReference }),

  /** One row for each product with a vulnerability on each machine. */
  byMachine: (query: ListQuery<MachineVulnerabilityProperty> = {}) =>
    rowsOf(send, vulnerabilityCalls.byMachine, {}, query, { row: MachineVulnerability }),
});
