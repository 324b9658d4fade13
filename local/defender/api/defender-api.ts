import type { TokenAuthority } from "../entra/tokens.ts";
import type { About, Reply, Request, Respond } from "../http.ts";
import type { Simulator } from "../simulator.ts";
import { alertRoutes } from "./alerts.ts";
import { authorize } from "./caller.ts";
import { ApiError } from "./error.ts";
import { machineActionRoutes } from "./machine-actions.ts";
import { machineRoutes } from "./machines.ts";
import { downloadPackage, PACKAGE_PATH, packageRoutes } from "./packages.ts";
import { responseActionRoutes } from "./response-actions.ts";
import { createRouter, type Route } from "./route.ts";
import { USUAL_LIMIT } from "./throttle.ts";

/** Every call the simulator knows. A new resource is a file with its routes, and a line here. */
export const defenderRoutes: readonly Route[] = [
  ...machineRoutes,
  ...alertRoutes,
  ...responseActionRoutes,
  ...machineActionRoutes,
  ...packageRoutes,
];

const API_PATH = /^\/api(?:\/v1\.0)?(?=\/)/i;

/** Answers calls of the Defender API and downloads of packages. `apiUrl` is known only once the server listens. */
export function createDefenderApi(simulator: Simulator, tokens: TokenAuthority, apiUrl: () => string): Respond {
  const findRoute = createRouter(defenderRoutes);

  async function perform(request: Request): Promise<Reply> {
    const prefix = API_PATH.exec(request.path)?.[0];
    const found = prefix && findRoute(request.method, request.path.slice(prefix.length));
    if (!found) return new ApiError(404, "NotFound", `There is no call ${request.method} ${request.path}`).toReply();

    const { route, ids } = found;
    const about: About = { ...ids, ...(route.actionType && { actionType: route.actionType }) };
    try {
      about.appId = authorize(tokens, request.headers.authorization, route);
      throttle(route, about.appId);
      about.body = readJson(request.body);
      const reply = await route.perform({
        simulator,
        appId: about.appId,
        ids,
        query: request.query,
        body: about.body,
        address: `${apiUrl()}${request.path}`,
        context: (entity) => `${apiUrl()}/api/$metadata#${entity}`,
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
    const key = `${appId} ${route.method} ${route.path}`;
    const waitSeconds = simulator.throttle.take(key, route.limit ?? USUAL_LIMIT, limitScale, simulator.tenant.now());
    if (waitSeconds === 0) return;
    throw new ApiError(429, "TooManyRequests", `Too many calls. Try again in ${waitSeconds} seconds.`, {
      "retry-after": String(waitSeconds),
    });
  }

  return (request) => (PACKAGE_PATH.test(request.path) ? downloadPackage(simulator, request) : perform(request));
}

function readJson(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(400, "InvalidRequestBody", "The request body is not JSON.");
  }
}
