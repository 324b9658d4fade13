import type { About, Reply, Request, Respond } from "../http.ts";
import type { Simulator } from "../simulator.ts";
import type { AppRegistration } from "../state/app-registration.ts";
import { readAudience, readScope } from "./audience.ts";
import { proveIdentity } from "./client-proof.ts";
import { EntraError, ordered } from "./entra-error.ts";
import { isCurrent, type TokenAuthority, type User } from "./tokens.ts";

const ON_BEHALF_OF = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** A request for a token whose app is known and has proved itself. */
interface TokenRequest {
  app: AppRegistration;
  audience: string;
  tenantId: string;
  form: URLSearchParams;
}

/**
 * Answers as the Entra sign-in service does: discovery document, key set, and tokens for apps, of their own and on
 * behalf of users.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 */
export function createTokenEndpoint(simulator: Simulator, tokens: TokenAuthority, authorityUrl: () => string): Respond {
  const { tenant, clock, settings } = simulator;

  function answer({ method, path, body }: Request): Reply {
    const [, given = "", ...rest] = path.split("/");
    const tenantId = given.toLowerCase();
    if (![tenant.id, ...settings.current.otherTenants].includes(tenantId)) {
      throw new EntraError(400, "invalid_request", 90002, `Tenant '${given}' not found.`);
    }
    const base = `${authorityUrl()}/${tenantId}`;
    switch (`${method} ${rest.join("/").toLowerCase()}`) {
      case "GET v2.0/.well-known/openid-configuration":
        return { status: 200, body: describeAuthority(base) };
      case "GET discovery/v2.0/keys":
        return { status: 200, body: tokens.keySet() };
      case "POST oauth2/v2.0/token":
        return issueToken(tenantId, `${base}/oauth2/v2.0/token`, new URLSearchParams(body));
      case "POST oauth2/token":
        return inVersionOne(issueToken(tenantId, `${base}/oauth2/token`, new URLSearchParams(body)));
      default:
        return { status: 404 };
    }
  }

  function issueToken(tenantId: string, endpoint: string, form: URLSearchParams): Reply {
    const grant = form.get("grant_type");
    if (grant !== "client_credentials" && grant !== ON_BEHALF_OF) {
      throw new EntraError(400, "unsupported_grant_type", 70003, `The grant type '${grant}' is not supported.`);
    }
    const app = findApp(tenantId, form.get("client_id") ?? "");
    proveIdentity(app, form, { tokens, clock, audiences: [endpoint, tokens.issuerOf(tenantId)] });
    if (app.refusedWith !== undefined) throw ordered(app.refusedWith);

    const resource = form.get("resource");
    const audience = resource ? readAudience(tenant, resource) : readScope(tenant, form.get("scope") ?? "");
    const request = { app, audience, tenantId, form };
    const lifetimeSeconds = settings.current.tokenLifetimeSeconds;
    const access_token = tokens.issue({
      ...{ app, audience, tenantId, lifetimeSeconds },
      ...(grant === ON_BEHALF_OF && { user: userOf(request) }),
    });
    const expires = { expires_in: lifetimeSeconds, ext_expires_in: lifetimeSeconds };
    return { status: 200, body: { token_type: "Bearer", ...expires, ...(resource && { resource }), access_token } };
  }

  function findApp(tenantId: string, clientId: string): AppRegistration {
    const app = tenant.apps.get(clientId);
    if (app && (app.tenants ?? [tenant.id]).includes(tenantId)) return app;
    const message = `Application with identifier '${clientId}' was not found in the directory '${tenantId}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`;
    throw new EntraError(400, "unauthorized_client", 700016, message);
  }

  /** Who the app may act for, and with which of their rights. */
  function userOf({ app, audience, tenantId, form }: TokenRequest): User & { scp: string } {
    if (form.get("requested_token_use") !== "on_behalf_of") {
      throw new EntraError(400, "invalid_request", 900144, "The request body must contain 'requested_token_use'.");
    }
    const assertion = tokens.read(form.get("assertion") ?? "");
    if (!assertion?.scp || !assertion.preferred_username || assertion.tid !== tenantId) {
      throw new EntraError(400, "invalid_grant", 50013, "Assertion failed signature validation.");
    }
    if (!isCurrent(assertion, clock())) {
      throw new EntraError(400, "invalid_grant", 500133, "Assertion is not within its valid time range.");
    }
    if (![app.clientId, `api://${app.clientId}`].includes(assertion.aud)) {
      const message = `Assertion audience does not match the Client app presenting the assertion: '${assertion.aud}'.`;
      throw new EntraError(400, "invalid_grant", 500131, message);
    }
    const scp = (app.scopes[audience] ?? []).join(" ");
    if (!scp) {
      const message = `The user or administrator has not consented to use the application with ID '${app.clientId}'.`;
      throw new EntraError(400, "invalid_grant", 65001, message);
    }
    return { oid: assertion.oid, preferred_username: assertion.preferred_username, scp };
  }

  /** The older endpoint writes numbers as text, and says when rather than in how long. */
  function inVersionOne({ status, body }: Reply): Reply {
    const { expires_in, ext_expires_in, ...rest } = body as { expires_in: number; ext_expires_in: number };
    const now = Math.floor(clock() / 1000);
    const times = { expires_in, ext_expires_in, expires_on: now + Math.ceil(expires_in), not_before: now };
    const asText = Object.fromEntries(Object.entries(times).map(([name, value]) => [name, String(value)]));
    return { status, body: { ...asText, ...rest } };
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

/** For the journal: who asked for what, without secret and assertions. */
function describeRequest({ method, body }: Request): About {
  if (method !== "POST") return {};
  const form = new URLSearchParams(body);
  const shown = ["grant_type", "client_id", "scope", "resource", "claims"].flatMap((name) =>
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
