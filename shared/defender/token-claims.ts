import { z } from "zod";

const Claims = z.object({
  aud: z.string().default("unknown"),
  appid: z.string().optional(),
  azp: z.string().optional(),
  /** Of an app. */
  roles: z.array(z.string()).optional(),
  /** Of a user, parted by blanks. */
  scp: z.string().optional(),
});

/** What an access token allows, for a message to a person. Nothing is checked: only the service can trust a token. */
export interface TokenClaims {
  /** The permissions in it, or nothing for a token that cannot be read. */
  granted: string[] | undefined;
  audience: string;
  appId: string;
}

export function readToken(token: string): TokenClaims {
  const claims = Claims.safeParse(decodePayload(token)).data;
  return {
    granted: claims && [...(claims.roles ?? []), ...(claims.scp?.split(" ") ?? [])],
    audience: claims?.aud ?? "unknown",
    appId: claims?.appid ?? claims?.azp ?? "unknown",
  };
}

function decodePayload(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
