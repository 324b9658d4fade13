import type { TokenAuthority } from "../entra/tokens.ts";
import type { About, Reply, Request, Respond } from "../http.ts";
import type { Simulator } from "../simulator.ts";
import { alertByReferenceRoutes } from "./alert-by-reference.ts";
import { alertRelatedRoutes } from "./alert-related.ts";
import { alertUpdateRoutes } from "./alert-updates.ts";
import { alertRoutes } from "./alerts.ts";
import { antivirusHealthRoutes } from "./antivirus-health.ts";
import { authenticatedScanRoutes } from "./authenticated-scans.ts";
import { authorize } from "./caller.ts";
import { ApiError } from "./error.ts";
import { downloadExport, EXPORT_PATH, fileExportRoutes } from "./exports/files.ts";
import { pagedExportRoutes } from "./exports/paged.ts";
import { fileRoutes } from "./files.ts";
import { graphAlertRoutes } from "./graph/alerts.ts";
import { graphIncidentRoutes } from "./graph/incidents.ts";
import { graphUserRoutes } from "./graph/users.ts";
import { huntingRoutes } from "./hunting.ts";
import { incidentRoutes } from "./incidents.ts";
import { indicatorRoutes } from "./indicators.ts";
import { investigationRoutes } from "./investigations.ts";
import { libraryFileRoutes } from "./library-files.ts";
import { liveResponseRoutes } from "./live-response.ts";
import { downloadResult, liveResponseResultRoutes, RESULT_PATH } from "./live-response-results.ts";
import { machineActionRoutes } from "./machine-actions.ts";
import { machineSearchRoutes } from "./machine-search.ts";
import { machineUpdateRoutes } from "./machine-updates.ts";
import { machineRoutes } from "./machines.ts";
import { networkRoutes } from "./network.ts";
import { downloadPackage, PACKAGE_PATH, packageRoutes } from "./packages.ts";
import { responseActionRoutes } from "./response-actions.ts";
import { createRouter, type Route } from "./route.ts";
import { USUAL_LIMIT } from "./throttle.ts";
import { userRoutes } from "./users.ts";
import { catalogueRoutes } from "./vulnerability/catalogues.ts";
import { machineExposureRoutes } from "./vulnerability/machine-exposure.ts";
import { recommendationRoutes } from "./vulnerability/recommendations.ts";
import { remediationTaskRoutes } from "./vulnerability/remediation-tasks.ts";
import { scoreRoutes } from "./vulnerability/scores.ts";
import { softwareRoutes } from "./vulnerability/software.ts";
import { vulnerabilityRoutes } from "./vulnerability/vulnerabilities.ts";

/** Every call the simulator knows. A new resource is a file with its routes, and a line here. */
export const defenderRoutes: readonly Route[] = [
  // What has a name goes before what has an id, as an id could be anything.
  ...pagedExportRoutes,
  ...fileExportRoutes,
  ...machineSearchRoutes,
  ...machineUpdateRoutes,
  ...machineRoutes,
  ...alertRoutes,
  ...alertUpdateRoutes,
  ...alertByReferenceRoutes,
  ...alertRelatedRoutes,
  ...fileRoutes,
  ...networkRoutes,
  ...userRoutes,
  ...indicatorRoutes,
  ...huntingRoutes,
  ...incidentRoutes,
  ...graphAlertRoutes,
  ...graphIncidentRoutes,
  ...graphUserRoutes,
  ...machineExposureRoutes,
  ...softwareRoutes,
  ...vulnerabilityRoutes,
  ...recommendationRoutes,
  ...scoreRoutes,
  ...remediationTaskRoutes,
  ...catalogueRoutes,
  ...antivirusHealthRoutes,
  ...authenticatedScanRoutes,
  ...responseActionRoutes,
  ...investigationRoutes,
  ...liveResponseRoutes,
  ...libraryFileRoutes,
  ...machineActionRoutes,
  ...packageRoutes,
  ...liveResponseResultRoutes,
];

const API_PATH = /^\/api(?:\/v1\.0)?(?=\/)/i;

/** Microsoft Graph lives below this on the same host: a client takes `{apiUrl}/graph` for `https://graph.microsoft.com`. */
export const GRAPH_PATH = "/graph/v1.0";

/** Answers calls of the Defender API, of Defender XDR and of Microsoft Graph, and downloads of packages, results and exports. `apiUrl` is known only once the server listens. */
export function createDefenderApi(simulator: Simulator, tokens: TokenAuthority, apiUrl: () => string): Respond {
  const findRoute = createRouter(defenderRoutes.filter(({ service }) => service !== "graph"));
  const findGraphRoute = createRouter(defenderRoutes.filter(({ service }) => service === "graph"));

  function find({ method, path }: Request): ReturnType<typeof findRoute> {
    if (path.startsWith(`${GRAPH_PATH}/`)) return findGraphRoute(method, path.slice(GRAPH_PATH.length));
    const prefix = API_PATH.exec(path)?.[0];
    return prefix ? findRoute(method, path.slice(prefix.length)) : undefined;
  }

  async function perform(request: Request): Promise<Reply> {
    const found = find(request);
    if (!found) return new ApiError(404, "NotFound", `There is no call ${request.method} ${request.path}`).toReply();

    const { route, ids } = found;
    const about: About = { ...ids, ...(route.actionType && { actionType: route.actionType }) };
    try {
      const caller = authorize(tokens, request.headers.authorization, route);
      about.appId = caller.appid;
      throttle(route, about.appId);
      about.body = isForm(request) ? undefined : readJson(request.body);
      const reply = await route.perform({
        simulator,
        appId: about.appId,
        granted: caller.scp === undefined ? caller.roles : route.roles,
        headers: request.headers,
        ids,
        query: request.query,
        body: about.body,
        bytes: request.bytes,
        address: `${apiUrl()}${request.path}`,
        context: (entity) => `${apiUrl()}${route.service === "graph" ? GRAPH_PATH : "/api"}/$metadata#${entity}`,
      });
      return { ...reply, about: { ...about, ...reply.about } };
    } catch (error) {
      if (error instanceof ApiError) return { ...error.toReply(), about };
      throw error;
    }
  }

  function throttle(route: Route, appId: string): void {
    const { throttling, limitScale } = simulator.settings.current;
    if (!throttling) return;
    const key = `${route.limitPer === "tenant" ? "" : appId} ${route.method} ${route.path}`;
    const waitSeconds = simulator.throttle.take(key, route.limit ?? USUAL_LIMIT, limitScale, simulator.tenant.now());
    if (waitSeconds === 0) return;
    throw new ApiError(429, "TooManyRequests", `Too many calls. Try again in ${waitSeconds} seconds.`, {
      "retry-after": String(waitSeconds),
    });
  }

  return (request) => {
    if (PACKAGE_PATH.test(request.path)) return downloadPackage(simulator, request);
    if (RESULT_PATH.test(request.path)) return downloadResult(simulator, request);
    if (EXPORT_PATH.test(request.path)) return downloadExport(simulator, request);
    return perform(request);
  };
}

const isForm = ({ headers }: Request): boolean => /^multipart\//i.test(headers["content-type"] ?? "");

function readJson(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(400, "InvalidRequestBody", "The request body is not JSON.");
  }
}
