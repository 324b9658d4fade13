import { MachineReference } from "../machines/machine-reference.ts";
import { type ListQuery, linkedRowsOf, rowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { Vulnerability } from "../vulnerabilities/vulnerability.ts";
import { softwareCalls } from "./calls.ts";
import { MissingUpdate } from "./missing-update.ts";
import { Software, VersionDistribution } from "./software.ts";

/** Reads the software inventory. Ids are `vendor-_-product`. */
export const createSoftware = (send: Send) => ({
  list: (query: ListQuery<"id" | "name" | "vendor"> = {}) =>
    rowsOf(send, softwareCalls.list, {}, query, { row: Software }),

  get: (softwareId: string) => send(softwareCalls.get, { ids: { softwareId } }),

  distributions: (softwareId: string) =>
    linkedRowsOf(send, softwareCalls.distributions, { ids: { softwareId } }, { row: VersionDistribution }),

  machines: (softwareId: string) =>
    linkedRowsOf(send, softwareCalls.machines, { ids: { softwareId } }, { row: MachineReference }),

  vulnerabilities: (softwareId: string) =>
    linkedRowsOf(send, softwareCalls.vulnerabilities, { ids: { softwareId } }, { row: Vulnerability }),

  missingUpdates: (softwareId: string) =>
    linkedRowsOf(send, softwareCalls.missingUpdates, { ids: { softwareId } }, { row: MissingUpdate }),
});
