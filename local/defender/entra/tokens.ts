import { randomUUID, sign, verify } from "node:crypto";
import type { AppRegistration } from "../state/app-registration.ts";
import type { SigningKey } from "./signing-key.ts";

/** What an access token says about the app that holds it. */
export interface Claims {
  aud: string;
  iss: string;
  tid: string;
  appid: string;
  roles: string[];
  /** Seconds since 1970, like `nbf`. */
  exp: number;
  nbf: number;
}

/** Issues access tokens for the tenant, and recognises them. */
export interface TokenAuthority {
  issue(app: Pick<AppRegistration, "clientId" | "roles">, audience: string, lifetimeSeconds: number): string;
  /** The claims of a token that this authority signed and that is valid now. */
  verify(token: string): Claims | undefined;
  /** The public keys, as a JSON Web Key Set. */
  keySet(): { keys: object[] };
}

export interface TokenAuthorityOptions {
  tenantId: string;
  key: SigningKey;
  /** Known only once the token endpoint listens. */
  issuer: () => string;
  clock: () => number;
}

/** Remembered tokens spare a signature check per call; forgetting them all now and then keeps the memory small. */
const REMEMBERED_TOKENS = 1000;

export function createTokenAuthority({ tenantId, key, issuer, clock }: TokenAuthorityOptions): TokenAuthority {
  const genuine = new Map<string, Claims>();

  function check(token: string): Claims | undefined {
    const [header = "", payload = "", signature = "", ...rest] = token.split(".");
    if (rest.length > 0 || decode<{ alg?: unknown }>(header)?.alg !== "RS256") return undefined;
    const signed = Buffer.from(`${header}.${payload}`);
    if (!verify("sha256", signed, key.publicKey, Buffer.from(signature, "base64url"))) return undefined;
    const claims = decode<Claims>(payload);
    return claims?.tid === tenantId ? claims : undefined;
  }

  return {
    issue({ clientId, roles }, audience, lifetimeSeconds) {
      const now = Math.floor(clock() / 1000);
      const header = { typ: "JWT", alg: "RS256", kid: key.keyId };
      const claims = {
        aud: audience,
        iss: issuer(),
        iat: now,
        nbf: now,
        exp: now + Math.ceil(lifetimeSeconds),
        appid: clientId,
        azp: clientId,
        idtyp: "app",
        oid: clientId,
        sub: clientId,
        tid: tenantId,
        uti: randomUUID(),
        ver: "2.0",
        ...(roles[audience] && { roles: roles[audience] }),
      };
      const signed = `${encode(header)}.${encode(claims)}`;
      return `${signed}.${sign("sha256", Buffer.from(signed), key.privateKey).toString("base64url")}`;
    },

    verify(token) {
      const claims = genuine.get(token) ?? check(token);
      if (!claims) return undefined;
      if (genuine.size >= REMEMBERED_TOKENS) genuine.clear();
      genuine.set(token, claims);
      const now = clock() / 1000;
      return now >= claims.nbf - 1 && now < claims.exp ? { ...claims, roles: claims.roles ?? [] } : undefined;
    },

    keySet: () => ({
      keys: [
        { ...key.publicKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: key.keyId, issuer: issuer() },
      ],
    }),
  };
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

function decode<T>(part: string): T | undefined {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as T;
  } catch {
    return undefined;
  }
}
