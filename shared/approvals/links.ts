import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Approval, Link } from "./approval.ts";

/** Beyond these the oldest links no longer answer: each reminder brings new ones. */
const MOST_LINKS = 100;

const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** Bound to run, question and approver: a secret is worth nothing for any other. */
const hashOf = ({ id, runId }: Pick<Approval, "id" | "runId">, approver: string, secret: string): string =>
  createHash("sha256")
    .update(JSON.stringify([runId, id, approver, secret]))
    .digest("base64url");

/**
 * A new link for an approver. Only its hash may be kept.
 *
 * @returns the secret, 256 bits, and the link as it is kept
 */
export function newLink(approval: Pick<Approval, "id" | "runId">, approver: string): { secret: string; link: Link } {
  const secret = randomBytes(32).toString("base64url");
  return { secret, link: { approver, hash: hashOf(approval, approver, secret) } };
}

export const withLinks = (approval: Approval, links: readonly Link[]): Approval => ({
  ...approval,
  links: [...approval.links, ...links].slice(-MOST_LINKS),
});

/** The link that a secret belongs to. Every link is compared, each in constant time. */
export function findLink(approval: Approval, secret: string): Link | undefined {
  if (!SECRET.test(secret)) return undefined;
  const found = approval.links.filter(({ approver, hash }) => {
    const [kept, given] = [Buffer.from(hash), Buffer.from(hashOf(approval, approver, secret))];
    return kept.length === given.length && timingSafeEqual(kept, given);
  });
  return found[0];
}
