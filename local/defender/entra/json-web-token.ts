import { constants, type KeyObject, verify } from "node:crypto";

/** A token taken apart. Nothing in it can be trusted before its signature is checked. */
export interface JsonWebToken {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  /** RS256 or PS256, as the header says. */
  isSignedBy(key: KeyObject): boolean;
}

export function readJsonWebToken(token: string): JsonWebToken | undefined {
  const [head = "", payload = "", signature = "", ...rest] = token.split(".");
  const [header, claims] = [decode(head), decode(payload)];
  if (rest.length > 0 || !header || !claims) return undefined;
  return {
    header,
    claims,
    isSignedBy(key) {
      const padding = PADDINGS[String(header.alg)];
      if (padding === undefined || key.asymmetricKeyType !== "rsa") return false;
      const signed = Buffer.from(`${head}.${payload}`);
      const how = { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
      return verify("sha256", signed, how, Buffer.from(signature, "base64url"));
    },
  };
}

const PADDINGS: Record<string, number> = {
  RS256: constants.RSA_PKCS1_PADDING,
  PS256: constants.RSA_PKCS1_PSS_PADDING,
};

function decode(part: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
