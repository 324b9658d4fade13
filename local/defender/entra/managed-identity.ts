import type { Reply, Request, Respond } from "../http.ts";
import type { Simulator } from "../simulator.ts";
import type { AppRegistration } from "../state/app-registration.ts";
import { readAudience } from "./audience.ts";
import { EntraError } from "./entra-error.ts";
import type { TokenAuthority } from "./tokens.ts";

/** Where App Service would say it is, in `IDENTITY_ENDPOINT`. */
export const MANAGED_IDENTITY_PATH = "/msi/token";

const API_VERSION = "2019-08-01";

/**
 * Gives tokens to the app it runs, as App Service does: whoever knows the header gets them, without any proof.
 *
 * @see https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export function createManagedIdentityEndpoint(
  { tenant, settings, clock }: Simulator,
  tokens: TokenAuthority,
  identityHeader: string,
): Respond {
  function answer({ method, query, headers }: Request): Reply {
    if (method !== "GET") return refuse(405, "Only GET is allowed.");
    if (headers["x-identity-header"] !== identityHeader) return refuse(401, "X-IDENTITY-HEADER is missing or wrong.");
    if (query.get("api-version") !== API_VERSION) return refuse(400, `The api-version must be ${API_VERSION}.`);

    const identity = [...tenant.apps.values()].find((app) => isAskedFor(app, query));
    if (!identity)
      return refuse(
        400,
        "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
      );

    const resource = query.get("resource") ?? "";
    const audience = readAudience(tenant, resource);
    const lifetimeSeconds = settings.current.tokenLifetimeSeconds;
    return {
      status: 200,
      body: {
        access_token: tokens.issue({ app: identity, audience, lifetimeSeconds }),
        client_id: identity.clientId,
        expires_on: String(Math.floor(clock() / 1000) + Math.ceil(lifetimeSeconds)),
        resource,
        token_type: "Bearer",
      },
      about: { appId: identity.clientId },
    };
  }

  return (request) => {
    try {
      return answer(request);
    } catch (error) {
      if (error instanceof EntraError) return refuse(400, `AADSTS${error.number}: ${error.message}`);
      throw error;
    }
  };
}

/** Without an id it is the system-assigned one. */
function isAskedFor({ managedIdentity, clientId, objectId }: AppRegistration, query: URLSearchParams): boolean {
  if (managedIdentity === undefined) return false;
  const [wantedClientId, wantedObjectId] = [query.get("client_id"), query.get("principal_id")];
  if (wantedClientId === null && wantedObjectId === null) return managedIdentity === "system-assigned";
  return wantedClientId === clientId || wantedObjectId === objectId;
}

const refuse = (statusCode: number, message: string): Reply => ({ status: statusCode, body: { statusCode, message } });
