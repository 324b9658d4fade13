import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { strToU8, zipSync } from "fflate";
import type { Reply, Request } from "../http.ts";
import type { Simulator } from "../simulator.ts";
import { type MachineActionRecord, progressAt } from "../state/machine-action.ts";
import { toDefenderTime } from "../state/timestamp.ts";
import { ApiError } from "./error.ts";
import { findMachineAction } from "./machine-actions.ts";
import type { Route } from "./route.ts";

/** Where packages are downloaded, like a storage account: without a token, by a link that carries its own right. */
export const PACKAGE_PATH = /^\/packages\/([0-9a-f-]{36})\.zip$/;

/** Links from before a restart are refused, as if they had lapsed. */
const linkKey = randomBytes(32);

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-package-sas-uri */
const getPackageUri: Route = {
  method: "GET",
  path: "/machineactions/{machineActionId}/getPackageUri",
  roles: ["Machine.ReadWrite.All"],
  delegated: ["Machine.CollectForensics"],
  limit: { perMinute: 2, perHour: 120 },
  perform({ simulator, ids, address, context }) {
    const action = findMachineAction(simulator, ids);
    if (!hasPackage(action, simulator.tenant.now())) {
      throw new ApiError(404, "ResourceNotFound", `There is no package of machine action ${action.id} yet`);
    }
    const link = new URL(packageLink(action, simulator), address);
    return {
      status: 200,
      // The quotes belong to the value: Defender sends the link as a JSON text inside a JSON text.
      body: { "@odata.context": context("Edm.String"), value: `"${link}"` },
      about: { machineId: action.machineId, actionType: action.type },
    };
  },
};

export const packageRoutes: readonly Route[] = [getPackageUri];

/** Hands out the package a link names, if the link is genuine and has not lapsed. */
export function downloadPackage(simulator: Simulator, { method, path, query }: Request): Reply {
  const machineActionId = PACKAGE_PATH.exec(path)?.[1] ?? "";
  const action = simulator.tenant.machineActions.get(machineActionId);
  const expiry = query.get("se") ?? "";
  const now = simulator.tenant.now();
  if (method !== "GET" || !isGenuine(query.get("sig") ?? "", machineActionId, expiry) || now >= Date.parse(expiry)) {
    return refuseLink(403, "AuthenticationFailed", "The link has lapsed or was changed.");
  }
  if (!action || !hasPackage(action, now)) return refuseLink(404, "BlobNotFound", "There is no such package.");
  return {
    status: 200,
    headers: {
      "content-type": "application/zip",
      "content-disposition": `attachment; filename="InvestigationPackage-${action.id}.zip"`,
    },
    body: zipPackage(action),
    about: { machineId: action.machineId, machineActionId: action.id, actionType: action.type },
  };
}

function hasPackage(action: MachineActionRecord, now: number): boolean {
  return action.type === "CollectInvestigationPackage" && progressAt(action, now).status === "Succeeded";
}

function packageLink({ id }: MachineActionRecord, { settings, tenant }: Simulator): string {
  const expiry = new Date(tenant.now() + settings.current.packageLinkLifetimeMs).toISOString();
  return `/packages/${id}.zip?sr=b&sp=r&se=${encodeURIComponent(expiry)}&sig=${sign(id, expiry)}`;
}

const sign = (id: string, expiry: string): string =>
  createHmac("sha256", linkKey).update(`${id} ${expiry}`).digest("base64url");

function isGenuine(signature: string, id: string, expiry: string): boolean {
  const [given, wanted] = [Buffer.from(signature), Buffer.from(sign(id, expiry))];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Storage answers in XML, unlike the API. */
function refuseLink(status: number, code: string, message: string): Reply {
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, headers: { "content-type": "application/xml" }, body };
}

/** A small package with the folders of a real one. The same machine action always gives the same bytes. */
function zipPackage({ machineId, computerDnsName, createdAt, comment }: MachineActionRecord): Uint8Array {
  const collectedAt = toDefenderTime(createdAt);
  const about = `Machine: ${computerDnsName ?? "unknown"}\nMachine id: ${machineId}\nCollected: ${collectedAt}\n`;
  const files = {
    "Forensics Collection Summary.txt": `${about}Requested with the comment: ${comment}\n`,
    "System Information/SystemInformation.txt": `Host Name: ${computerDnsName ?? "unknown"}\nOS Name: Windows\n`,
    "Processes/Processes.csv":
      "ProcessId,Name,CommandLine\n4,System,\n712,lsass.exe,C:\\Windows\\System32\\lsass.exe\n",
    "Network connections/ActiveNetConnections.txt": "TCP 0.0.0.0:135 0.0.0.0:0 LISTENING\n",
    "Autoruns/Autoruns.csv": "Location,Name,Command\n",
  };
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const);
  return zipSync(Object.fromEntries(entries), { mtime: createdAt });
}
