import { clouds } from "../../../shared/defender/clouds.ts";
import { AUDIENCES } from "../state/app-registration.ts";
import type { Tenant } from "../state/tenant.ts";
import { EntraError } from "./entra-error.ts";

/** Audiences that exist in every tenant, whether or not an app has a role there. */
const COMMON_AUDIENCES = new Set([
  ...Object.values(AUDIENCES).flat(),
  ...Object.values(clouds).map(({ tokenExchangeAudience }) => tokenExchangeAudience),
]);

/** Scopes of OpenID Connect, which say nothing about an audience. */
const SIGN_IN_SCOPES = ["openid", "profile", "email", "offline_access"];

/**
 * The audience that the scope of a request names.
 *
 * @throws EntraError where it names none, or one that the tenant does not know
 */
export function readScope(tenant: Tenant, given: string): string {
  const scope = given
    .split(" ")
    .filter((name) => !SIGN_IN_SCOPES.includes(name))
    .join(" ");
  const audience = /^(\S+)\/\.default$/.exec(scope)?.[1];
  if (audience) return readAudience(tenant, audience);
  throw new EntraError(400, "invalid_scope", 1002012, `The scope '${scope}' does not end in '/.default'.`);
}

export function readAudience(tenant: Tenant, audience: string): string {
  const isKnown = COMMON_AUDIENCES.has(audience) || [...tenant.apps.values()].some(({ roles }) => roles[audience]);
  if (isKnown) return audience;
  const message = `The resource principal named ${audience} was not found in the tenant named ${tenant.id}.`;
  throw new EntraError(400, "invalid_resource", 500011, message);
}
