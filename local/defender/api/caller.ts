import type { Claims, TokenAuthority } from "../entra/tokens.ts";
import { AUDIENCES, type ServiceName } from "../state/app-registration.ts";
import { ApiError } from "./error.ts";
import type { Route } from "./route.ts";

/**
 * Finds out who calls and whether they may.
 *
 * @returns what the token says of the app that calls, for itself or for a user
 * @throws ApiError 401 without a valid token; 403 with a token for something else, or without one of the route's permissions
 */
export function authorize(tokens: TokenAuthority, authorization: string | undefined, route: Route): Claims {
  const [scheme, token] = authorization?.split(" ") ?? [];
  const claims = scheme?.toLowerCase() === "bearer" && token ? tokens.verify(token) : undefined;
  if (!claims) throw new ApiError(401, "Unauthorized", "The access token is missing, expired or not valid.");
  const { service = "defender", roles } = route;
  const audiences = AUDIENCES[service];
  if (!audiences.includes(claims.aud)) {
    throw new ApiError(403, "Forbidden", `The access token is for ${claims.aud}, not for ${audiences[0]}.`);
  }
  if (!mayCall(claims, roles, service)) {
    const [who, kind] = claims.scp === undefined ? ["application", "application"] : ["user", "delegated"];
    const wanted = roles.join(", ");
    throw new ApiError(
      403,
      "Forbidden",
      `The ${who} does not have any of the required ${kind} permissions (${wanted}) to access the resource.`,
    );
  }
  return claims;
}

/** An app needs one of the permissions as a role, a user by its delegated name. */
function mayCall({ roles, scp }: Claims, wanted: readonly string[], service: ServiceName): boolean {
  if (scp === undefined) return wanted.some((permission) => roles.includes(permission));
  const granted = scp.split(" ");
  return wanted.some((permission) => granted.includes(delegatedName(permission, service)));
}

/** Delegated permissions of Defender that are named as the application's, with `.All`. */
const SAME_NAMES = /^(File|Ip|Url|User|Vulnerability)\.Read\.All$/i;

/** Users read what they may read, so most of Defender's delegated permissions lack the `.All`. */
const delegatedName = (permission: string, service: ServiceName): string =>
  service === "graph" || SAME_NAMES.test(permission) ? permission : permission.replace(/\.All$/, "");
