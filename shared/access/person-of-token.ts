import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import { z } from "zod";
import { messageOf } from "../errors.ts";

/** Whose tokens are taken. */
export interface TokenSetting {
  tenantId: string;
  /** The application that the token is made out to: client id or `api://` address of the app's own registration. */
  audience: string;
  issuer: string;
  keysUrl: string;
}

/** A signed-in person, as a token that was checked has it. */
export interface Person {
  /** The sign-in name, in lower case. */
  name: string;
  /** The object id in Entra, which never changes. */
  objectId: string;
  /** App roles. */
  roles: readonly string[];
}

/** A token that says nothing. The message is for the log. */
export class TokenRefused extends Error {
  override name = "TokenRefused";
}

/** A delegated token of a person. An app's own token has roles as well, but no `scp`. */
const Claims = z.object({
  tid: z.string(),
  oid: z.string().min(1),
  preferred_username: z.string().min(1),
  scp: z.string().min(1),
  idtyp: z.literal("user").optional(),
  roles: z.array(z.string()).default([]),
});

/** Clocks differ by a little. */
const TOLERANCE_SECONDS = 60;

export type CheckToken = (token: string) => Promise<Person>;

/**
 * Checks access tokens of people: signature by one of the tenant's keys, issuer, tenant, audience and times. Only RS256 is
 * taken, so neither `none` nor a key of the sender's own choice is.
 *
 * @throws TokenRefused by the check, for a token that is not good
 * @throws Error while Entra's keys cannot be read
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/claims-validation
 */
export function createTokenCheck({ tenantId, audience, issuer, keysUrl }: TokenSetting): CheckToken {
  const keys = createRemoteJWKSet(new URL(keysUrl));
  return async (token) => {
    const rules = { issuer, audience, algorithms: ["RS256"], clockTolerance: TOLERANCE_SECONDS };
    const required = { ...rules, requiredClaims: ["exp", "tid", "oid"] };
    const { payload } = await jwtVerify(token, keys, required).catch((error: unknown) => {
      if (isAboutToken(error)) throw new TokenRefused(messageOf(error));
      throw error;
    });
    const claims = Claims.safeParse(payload).data;
    if (!claims) throw new TokenRefused("the token is not that of a person");
    if (claims.tid !== tenantId) throw new TokenRefused("the token is of another tenant");
    return { name: claims.preferred_username.toLowerCase(), objectId: claims.oid, roles: claims.roles };
  };
}

/** Not where the keys could not be read. */
const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && error.code !== "ERR_JOSE_GENERIC";
