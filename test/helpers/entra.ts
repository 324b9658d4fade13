import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";

export const TENANT_ID = "a839b112-1253-4432-9bf6-94542403f21c";
export const AUDIENCE = "api://playbooks";
export const ROLE = "Playbooks.Approver";

/** The keys of a tenant, as Entra shows them, and tokens of people that are signed with them. */
export async function startKeys() {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const keys = [{ ...(await exportJWK(publicKey)), kid: "key-1", alg: "RS256", use: "sig" }];
  const server = createServer((_, response) => void response.end(JSON.stringify({ keys }))).listen(0, "127.0.0.1");
  await once(server, "listening");
  const keysUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  const issuer = `https://login.example/${TENANT_ID}/v2.0`;

  /** A good token, but for what is changed. */
  async function token(
    name: string,
    changes: Record<string, unknown> = {},
    key: CryptoKey = privateKey,
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, aud: AUDIENCE, tid: TENANT_ID, iat: now, nbf: now, exp: now + 3_600 };
    const person = {
      oid: `oid-of-${name}`,
      preferred_username: `${name}@contoso.example`,
      scp: "answer",
      roles: [ROLE],
    };
    const said = JSON.parse(JSON.stringify({ ...claims, ...person, ...changes }));
    return new SignJWT(said).setProtectedHeader({ alg: "RS256", kid: "key-1" }).sign(key);
  }

  return {
    setting: { tenantId: TENANT_ID, audience: AUDIENCE, issuer, keysUrl },
    token,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
