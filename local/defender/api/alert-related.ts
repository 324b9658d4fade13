import { hostOf } from "../state/evidence.ts";
import { findAlert } from "./alerts.ts";
import { ApiError } from "./error.ts";
import { fileProfile } from "./files.ts";
import { unknown } from "./machines.ts";
import type { Call, Route } from "./route.ts";
import { userNamed } from "./users.ts";

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-machine-info */
const getMachine: Route = {
  method: "GET",
  path: "/alerts/{alertId}/machine",
  roles: ["Machine.Read.All", "Machine.ReadWrite.All"],
  perform(call) {
    const { machineId } = findAlert(call);
    const { machine } = call.simulator.machine(machineId ?? "") ?? unknown(machineId ?? "of the alert");
    return { status: 200, body: { "@odata.context": call.context("Machines/$entity"), ...machine } };
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-user-info */
const getUser: Route = {
  method: "GET",
  path: "/alerts/{alertId}/user",
  roles: ["User.Read.All"],
  perform(call) {
    const alert = findAlert(call);
    const { relatedUser } = alert;
    if (!relatedUser) throw new ApiError(404, "ResourceNotFound", `Alert ${alert.id} has no user`);
    const user = userNamed(call.simulator, relatedUser.userName, relatedUser.domainName, alert);
    return { status: 200, body: { "@odata.context": call.context("Users/$entity"), ...user } };
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-files-info */
const listFiles: Route = {
  method: "GET",
  path: "/alerts/{alertId}/files",
  roles: ["File.Read.All"],
  perform: (call) =>
    list(
      call,
      "Files",
      textsOf(call, "sha1").map((sha1) => fileProfile(call.simulator, sha1)),
    ),
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-ip-info */
const listIps: Route = {
  method: "GET",
  path: "/alerts/{alertId}/ips",
  roles: ["Ip.Read.All"],
  perform: (call) =>
    list(
      call,
      "Ips",
      textsOf(call, "ipAddress").map((id) => ({ id })),
    ),
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-domain-info */
const listDomains: Route = {
  method: "GET",
  path: "/alerts/{alertId}/domains",
  roles: ["Url.Read.All"],
  perform(call) {
    const hosts = new Set(textsOf(call, "url").flatMap((url) => hostOf(url) ?? []));
    return list(
      call,
      "Domains",
      [...hosts].map((host) => ({ host })),
    );
  },
};

export const alertRelatedRoutes: readonly Route[] = [getMachine, getUser, listFiles, listIps, listDomains];

/** Every different text the alert's evidence has in a field. */
function textsOf(call: Call, field: string): string[] {
  const texts = findAlert(call).evidence.map((row) => row[field]);
  return [...new Set(texts.filter((text) => typeof text === "string" && text !== ""))] as string[];
}

const list = ({ context }: Call, entity: string, value: unknown[]) => ({
  status: 200,
  body: { "@odata.context": context(entity), value },
});
