import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Links from before a restart are refused, as if they had lapsed. */
const linkKey = randomBytes(32);

/** A path with the right to read it until the expiry, as a shared access signature grants it. */
export const signed = (path: string, expiry: string): string =>
  `${path}?sr=b&sp=r&se=${encodeURIComponent(expiry)}&sig=${sign(path, expiry)}`;

/** Whether the signature is the one of this path and expiry. */
export function isGenuine(signature: string, path: string, expiry: string): boolean {
  const [given, wanted] = [Buffer.from(signature), Buffer.from(sign(path, expiry))];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

const sign = (path: string, expiry: string): string =>
  createHmac("sha256", linkKey).update(`${path} ${expiry}`).digest("base64url");
