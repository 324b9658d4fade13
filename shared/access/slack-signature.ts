import { createHmac, timingSafeEqual } from "node:crypto";

const MOST_AGE_SECONDS = 5 * 60;

/**
 * Whether Slack signed a request, not more than five minutes ago.
 *
 * @param body as it came, byte for byte
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function isSignedBySlack(
  body: string,
  { timestamp, signature }: { timestamp: string | null; signature: string | null },
  secret: string,
  now: number = Date.now(),
): boolean {
  if (!timestamp || !signature || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now / 1000 - Number(timestamp)) > MOST_AGE_SECONDS) return false;
  const wanted = Buffer.from(`v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`);
  const given = Buffer.from(signature);
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}
