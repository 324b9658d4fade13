import { timingSafeEqual } from "node:crypto";
import type { About, Reply, Request, Respond } from "../http.ts";
import type { Simulator } from "../simulator.ts";
import { type AppRegistration, DEFENDER_AUDIENCE } from "../state/app-registration.ts";
import { EntraError } from "./entra-error.ts";
import type { TokenAuthority } from "./tokens.ts";

/** Audiences that exist in every tenant, whether or not an app has a role there. */
const COMMON_AUDIENCES = [DEFENDER_AUDIENCE, "https://graph.microsoft.com"];

/**
 * Answers as the Entra sign-in service does for one tenant: discovery document, key set, and tokens for apps.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export function createTokenEndpoint(simulator: Simulator, tokens: TokenAuthority, authorityUrl: () => string): Respond {
  const { tenant, clock, settings } = simulator;

  function answer({ method, path, body }: Request): Reply {
    const [, tenantId = "", ...rest] = path.split("/");
    if (tenantId.toLowerCase() !== tenant.id) {
      throw new EntraError(400, "invalid_request", 90002, `Tenant '${tenantId}' not found.`);
    }
    switch (`${method} ${rest.join("/").toLowerCase()}`) {
      case "GET v2.0/.well-known/openid-configuration":
        return { status: 200, body: describeAuthority(`${authorityUrl()}/${tenant.id}`) };
      case "GET discovery/v2.0/keys":
        return { status: 200, body: tokens.keySet() };
      case "POST oauth2/v2.0/token":
        return issueToken(new URLSearchParams(body));
      default:
        return { status: 404 };
    }
  }

  function issueToken(form: URLSearchParams): Reply {
    const grant = form.get("grant_type");
    if (grant !== "client_credentials") {
      throw new EntraError(400, "unsupported_grant_type", 70003, `The grant type '${grant}' is not supported.`);
    }
    const app = tenant.apps.get(form.get("client_id") ?? "");
    if (!app) {
      const message = `Application with identifier '${form.get("client_id")}' was not found in the directory.`;
      throw new EntraError(400, "unauthorized_client", 700016, message);
    }
    proveIdentity(app, form);
    const lifetime = settings.current.tokenLifetimeSeconds;
    const access_token = tokens.issue(app, readAudience(form.get("scope") ?? ""), lifetime);
    return {
      status: 200,
      body: { token_type: "Bearer", expires_in: lifetime, ext_expires_in: lifetime, access_token },
    };
  }

  function readAudience(scope: string): string {
    const audience = /^(.+)\/\.default$/.exec(scope)?.[1];
    if (!audience) {
      throw new EntraError(400, "invalid_scope", 1002012, `The scope '${scope}' does not end in '/.default'.`);
    }
    const isKnown =
      COMMON_AUDIENCES.includes(audience) || [...tenant.apps.values()].some(({ roles }) => roles[audience]);
    if (!isKnown) {
      const message = `The resource principal named ${audience} was not found in the tenant.`;
      throw new EntraError(400, "invalid_resource", 500011, message);
    }
    return audience;
  }

  return (request) => {
    const about = describeRequest(request);
    try {
      return { ...answer(request), about };
    } catch (error) {
      if (error instanceof EntraError) return { ...error.toReply(clock()), about };
      throw error;
    }
  };
}

/** Certificates and federated credentials send a `client_assertion` instead of a secret; this is where to check one. */
function proveIdentity({ clientSecret }: AppRegistration, form: URLSearchParams): void {
  if (form.has("client_assertion")) {
    throw new EntraError(401, "invalid_client", 700027, "The simulator does not check client assertions yet.");
  }
  const secret = form.get("client_secret");
  if (!secret) {
    throw new EntraError(401, "invalid_client", 7000218, "The request must contain a client secret or an assertion.");
  }
  if (!isEqual(secret, clientSecret)) {
    throw new EntraError(401, "invalid_client", 7000215, "Invalid client secret provided.");
  }
}

function isEqual(given: string, wanted: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(wanted)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** For the journal: who asked for what, without the secret. */
function describeRequest({ method, body }: Request): About {
  if (method !== "POST") return {};
  const form = new URLSearchParams(body);
  const shown = ["grant_type", "client_id", "scope"].flatMap((name) =>
    form.has(name) ? [[name, form.get(name)]] : [],
  );
  return { appId: form.get("client_id") ?? "", body: Object.fromEntries(shown) };
}

function describeAuthority(base: string) {
  return {
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
    response_types_supported: ["code", "token"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
  };
}
