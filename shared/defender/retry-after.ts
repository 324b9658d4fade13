/** No answer asks for a longer wait in earnest: the longest window of a limit is an hour. */
const LONGEST_MS = 3_600_000;

/** No wait at all would have a step use up its tries in no time. */
const SHORTEST_MS = 1_000;

/** What is waited when Defender does not say how long: the shortest window of a limit. */
const UNSAID_MS = 60_000;

/**
 * How long a 429 asks us to wait, in milliseconds. Seconds or an HTTP date, as the header allows both; the date is read
 * against the service's own clock, where the answer has one, as ours may differ.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/common-errors
 */
export function retryAfterMs(headers: Pick<Headers, "get">, now: number): number {
  const header = headers.get("retry-after")?.trim();
  if (!header) return UNSAID_MS;
  const serviceNow = Date.parse(headers.get("date") ?? "");
  const ms = /^\d+$/.test(header)
    ? Number(header) * 1000
    : Date.parse(header) - (Number.isFinite(serviceNow) ? serviceNow : now);
  return Number.isFinite(ms) ? Math.min(Math.max(SHORTEST_MS, ms), LONGEST_MS) : UNSAID_MS;
}
