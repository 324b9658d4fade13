import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

/** The key access tokens are signed with. */
export interface SigningKey {
  /** Names the key in a token's header and in the published key set. */
  keyId: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** The signing key kept in a folder, made on first use. It outlives a restart, so tokens issued before stay good. */
export async function signingKey(folder: string): Promise<SigningKey> {
  const file = path.join(folder, "signing-key.pem");
  if (!existsSync(file)) {
    const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  }
  const privateKey = createPrivateKey(readFileSync(file));
  const publicKey = createPublicKey(privateKey);
  const keyId = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64url");
  return { keyId, privateKey, publicKey };
}
