import { gzipSync, strToU8 } from "fflate";
import type { Reply, Request } from "../http.ts";
import type { Simulator } from "../simulator.ts";
import { type MachineActionRecord, machineActionAt } from "../state/machine-action.ts";
import { ApiError } from "./error.ts";
import { isGenuine, signed } from "./exports/link.ts";
import { findMachineAction } from "./machine-actions.ts";
import type { Route } from "./route.ts";

/** Where results are downloaded, like a storage account: without a token, by a link that carries its own right. */
export const RESULT_PATH = /^\/live-response\/([0-9a-f-]{36})\/(\d+)$/;

const LINK_MS = 30 * 60_000;

/**
 * The link to what came of a command, counted from 0 with every command of the session. It may be asked for again.
 * Putting a file has no result; what is answered to that is not documented.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-live-response-result
 */
const getResultLink: Route = {
  method: "GET",
  path: "/machineactions/{machineActionId}/GetLiveResponseResultDownloadLink(index={index})",
  roles: ["Machine.ReadWrite.All"],
  delegated: ["Machine.LiveResponse"],
  perform({ simulator, ids, address, context }) {
    const action = findMachineAction(simulator, ids);
    const { index = "" } = ids;
    if (!/^\d+$/.test(index)) throw new ApiError(400, "InvalidInput", `'${index}' is not the index of a command.`);
    if (!contentOf(action, Number(index), simulator.tenant.now())) {
      throw new ApiError(404, "ResourceNotFound", `Command ${index} of machine action ${action.id} has no result`);
    }
    const expiry = new Date(simulator.tenant.now() + LINK_MS).toISOString();
    const link = new URL(signed(`/live-response/${action.id}/${Number(index)}`, expiry), address);
    return {
      status: 200,
      body: { "@odata.context": context("Edm.String"), value: link.toString() },
      about: { machineId: action.machineId, actionType: action.type },
    };
  },
};

export const liveResponseResultRoutes: readonly Route[] = [getResultLink];

/** Hands out the result a link names, if the link is genuine and has not lapsed. */
export function downloadResult({ tenant }: Simulator, { method, path, query }: Request): Reply {
  const [, id = "", index] = RESULT_PATH.exec(path) ?? [];
  const expiry = query.get("se") ?? "";
  if (method !== "GET" || !isGenuine(query.get("sig") ?? "", path, expiry) || tenant.now() >= Date.parse(expiry)) {
    return refuse(403, "AuthenticationFailed", "The link has lapsed or was changed.");
  }
  const action = tenant.machineActions.get(id);
  const body = action && contentOf(action, Number(index), tenant.now());
  if (!action || !body) return refuse(404, "BlobNotFound", "There is no such result.");
  return {
    status: 200,
    headers: { "content-type": "application/octet-stream" },
    body,
    about: { machineId: action.machineId, machineActionId: id, actionType: action.type },
  };
}

/** A transcript as JSON, or a file as it is seen to come: compressed, with its name in the head. */
function contentOf(action: MachineActionRecord, index: number, now: number): Uint8Array | undefined {
  if (machineActionAt(action, now).commands[index]?.commandStatus !== "Completed") return undefined;
  const result = action.start?.results?.[index];
  if (!result) return undefined;
  if ("transcript" in result) return strToU8(JSON.stringify(result.transcript));
  if ("file" in result) {
    const { name, content } = result.file;
    return gzipSync(strToU8(content), { filename: name, mtime: action.createdAt });
  }
  return undefined;
}

/** Storage answers in XML, unlike the API. */
function refuse(status: number, code: string, message: string): Reply {
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, headers: { "content-type": "application/xml" }, body };
}
