import { readFileSync } from "node:fs";
import { request } from "node:https";

export interface AuthorityAnswer {
  access_token: string;
  expires_in: number;
  error_description: string;
  issuer: string;
  jwks_uri: string;
  keys: { kid: string }[];
}

/** Calls a token endpoint over HTTPS, trusting its own certificate authority and no other. */
export function callAuthority(url: string, { caFile, form }: { caFile: string; form?: Record<string, string> }) {
  return new Promise<{ status: number; body: AuthorityAnswer }>((resolve, reject) => {
    const options = { method: form ? "POST" : "GET", ca: readFileSync(caFile) };
    const outgoing = request(url, options, async (response) => {
      const chunks = await response.toArray();
      resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) });
    });
    outgoing.on("error", reject).end(form && new URLSearchParams(form).toString());
  });
}
