import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { Software } from "./software.ts";

const READ = ["Software.Read.All"];

const listAbout = <Part extends string>(part: Part, name: string, permissions: readonly string[], page: string) =>
  defineCall({
    name: `software.${name}`,
    method: "GET",
    path: `/api/Software/{softwareId}/${part}` as const,
    permissions,
    page,
    answer: Page,
  });

/** The calls on the software inventory. */
export const softwareCalls = {
  list: defineCall({
    name: "software.list",
    method: "GET",
    path: "/api/Software",
    permissions: READ,
    page: "get-software",
    answer: Page,
  }),
  get: defineCall({
    name: "software.get",
    method: "GET",
    path: "/api/Software/{softwareId}",
    permissions: READ,
    page: "get-software-by-id",
    answer: Software,
  }),
  distributions: listAbout("distributions", "distributions", READ, "get-software-ver-distribution"),
  machines: listAbout("machineReferences", "machines", READ, "get-machines-by-software"),
  vulnerabilities: listAbout("vulnerabilities", "vulnerabilities", ["Vulnerability.Read.All"], "get-vuln-by-software"),
  missingUpdates: listAbout("getmissingkbs", "missingUpdates", READ, "get-missing-kbs-software"),
};
