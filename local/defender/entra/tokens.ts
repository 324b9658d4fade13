import { randomUUID, sign } from "node:crypto";
import type { AppRegistration } from "../state/app-registration.ts";
import { type JsonWebToken, readJsonWebToken } from "./json-web-token.ts";
import type { SigningKey } from "./signing-key.ts";

/** What an access token says about who holds it. */
export interface Claims {
  aud: string;
  iss: string;
  sub: string;
  tid: string;
  appid: string;
  /** Application permissions. */
  roles: string[];
  /** Delegated permissions of a user's token, parted by blanks. */
  scp?: string;
  /** The user or the service principal. */
  oid: string;
  preferred_username?: string;
  /** Seconds since 1970, like `nbf`. */
  exp: number;
  nbf: number;
}

/** A signed-in user, as tokens name one. */
export interface User {
  /** The user's object id. */
  oid: string;
  preferred_username: string;
}

/** What a token is to say. */
export interface TokenOrder {
  app: Pick<AppRegistration, "clientId" | "objectId"> & Partial<Pick<AppRegistration, "roles">>;
  audience: string;
  lifetimeSeconds: number;
  /** @default the tenant of the simulator */
  tenantId?: string | undefined;
  /** With a user the token has delegated permissions, and no roles. */
  user?: User & { scp: string };
}

/** Issues access tokens for the tenants, and recognises them. */
export interface TokenAuthority {
  issue(order: TokenOrder): string;
  /** The claims of a token of the simulator's tenant that this authority signed and that is valid now. */
  verify(token: string): Claims | undefined;
  /** What this authority signed, for whatever tenant and time. */
  read(token: string): Claims | undefined;
  issuerOf(tenantId: string): string;
  /** The public keys, as a JSON Web Key Set. */
  keySet(): { keys: object[] };
}

export interface TokenAuthorityOptions {
  /** The tenant of the simulator. */
  tenantId: string;
  key: SigningKey;
  /** Known only once the token endpoint listens. */
  authorityUrl: () => string;
  clock: () => number;
}

/** Remembered tokens spare a signature check per call; forgetting them all now and then keeps the memory small. */
const REMEMBERED_TOKENS = 1000;

export function createTokenAuthority({ tenantId, key, authorityUrl, clock }: TokenAuthorityOptions): TokenAuthority {
  const genuine = new Map<string, Claims>();
  const issuerOf = (tenant: string): string => `${authorityUrl()}/${tenant}/v2.0`;

  function read(token: string): Claims | undefined {
    const known = genuine.get(token);
    if (known) return known;
    const parsed: JsonWebToken | undefined = readJsonWebToken(token);
    if (parsed?.header.alg !== "RS256" || !parsed.isSignedBy(key.publicKey)) return undefined;
    const claims = { ...(parsed.claims as unknown as Claims) };
    claims.roles ??= [];
    if (genuine.size >= REMEMBERED_TOKENS) genuine.clear();
    genuine.set(token, claims);
    return claims;
  }

  return {
    issue({ app, audience, lifetimeSeconds, tenantId: tid = tenantId, user }) {
      const now = Math.floor(clock() / 1000);
      const header = { typ: "JWT", alg: "RS256", kid: key.keyId };
      const principal = user?.oid ?? app.objectId ?? app.clientId;
      const roles = app.roles?.[audience];
      const claims = {
        aud: audience,
        iss: issuerOf(tid),
        iat: now,
        nbf: now,
        exp: now + Math.ceil(lifetimeSeconds),
        appid: app.clientId,
        azp: app.clientId,
        idtyp: user ? "user" : "app",
        oid: principal,
        sub: principal,
        tid,
        uti: randomUUID(),
        ver: "2.0",
        ...(user ?? (roles && { roles })),
      };
      const signed = `${encode(header)}.${encode(claims)}`;
      return `${signed}.${sign("sha256", Buffer.from(signed), key.privateKey).toString("base64url")}`;
    },

    verify(token) {
      const claims = read(token);
      return claims?.tid === tenantId && isCurrent(claims, clock()) ? claims : undefined;
    },

    read,
    issuerOf,

    keySet: () => ({
      keys: [
        {
          ...key.publicKey.export({ format: "jwk" }),
          ...{ use: "sig", alg: "RS256", kid: key.keyId, issuer: issuerOf(tenantId) },
        },
      ],
    }),
  };
}

/** Whether the time is between the token's `nbf` and `exp`, give or take a second. */
export function isCurrent({ nbf, exp }: { nbf?: number; exp: number }, now: number): boolean {
  const seconds = now / 1000;
  return seconds >= (nbf ?? 0) - 1 && seconds < exp;
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
