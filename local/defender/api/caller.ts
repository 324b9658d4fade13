import type { Claims, TokenAuthority } from "../entra/tokens.ts";
import { AUDIENCES } from "../state/app-registration.ts";
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
  const isUser = claims.scp !== undefined;
  const wanted = isUser ? delegatedPermissions(route) : roles;
  const granted = claims.scp?.split(" ") ?? claims.roles;
  if (!wanted.some((permission) => granted.includes(permission))) {
    const [who, kind] = isUser ? ["user", "delegated"] : ["application", "application"];
    throw new ApiError(
      403,
      "Forbidden",
      `The ${who} does not have any of the required ${kind} permissions (${wanted.join(", ")}) to access the resource.`,
    );
  }
  return claims;
}

/** Delegated permissions of Defender that are named as the application's, with `.All`. */
const SAME_NAMES = /^(File|Ip|Url|User)\.Read\.All$/i;

/** Users read what they may read, so most of Defender's delegated permissions lack the `.All`. */
const delegatedPermissions = ({ delegated, roles, service }: Route): readonly string[] =>
  delegated ?? roles.map((role) => (service === "graph" || SAME_NAMES.test(role) ? role : role.replace(/\.All$/, "")));
