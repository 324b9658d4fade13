import type { TokenAuthority } from "../entra/tokens.ts";
import { DEFENDER_AUDIENCE } from "../state/app-registration.ts";
import { ApiError } from "./error.ts";
import type { Route } from "./route.ts";

/**
 * Finds out which app calls and whether it may.
 *
 * @returns the app's client id
 * @throws ApiError 401 without a valid token; 403 with a token for something else, or without one of the route's roles
 */
export function authorize(tokens: TokenAuthority, authorization: string | undefined, { roles }: Route): string {
  const [scheme, token] = authorization?.split(" ") ?? [];
  const claims = scheme?.toLowerCase() === "bearer" && token ? tokens.verify(token) : undefined;
  if (!claims) throw new ApiError(401, "Unauthorized", "The access token is missing, expired or not valid.");
  if (claims.aud !== DEFENDER_AUDIENCE) {
    throw new ApiError(403, "Forbidden", `The access token is for ${claims.aud}, not for ${DEFENDER_AUDIENCE}.`);
  }
  if (!roles.some((role) => claims.roles.includes(role))) {
    const wanted = roles.join(", ");
    throw new ApiError(
      403,
      "Forbidden",
      `The application does not have any of the required application permissions (${wanted}) to access the resource.`,
    );
  }
  return claims.appid;
}
