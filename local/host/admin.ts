import type { HostKeys } from "./keys.ts";
import type { RequestHandler } from "./server.ts";
import { keyGiven } from "./triggers/http/http-triggers.ts";

/** What `GET /admin/host/status` tells, in the words of the Functions host. */
export interface HostStatus {
  id: string;
  state: "Running" | "Offline";
  version: string;
  processUptime: number;
  functions: string[];
}

/** The host's own addresses: `/admin/host/ping` for anybody, `/admin/host/status` for the holder of the master key. */
export function adminHandler(keys: HostKeys, status: () => HostStatus): RequestHandler {
  return async (request, response, url) => {
    const path = url.pathname.toLowerCase().replace(/\/$/, "");
    if (path === "/admin/host/ping") {
      response.writeHead(200, { "content-length": 0 }).end();
      return true;
    }
    if (path !== "/admin/host/status" || request.method !== "GET") return false;
    if (!keys.opens("admin", "", keyGiven(request, url))) {
      response.writeHead(401, { "content-length": 0 }).end();
      return true;
    }
    const body = JSON.stringify(status());
    response
      .writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
      .end(body);
    return true;
  };
}
