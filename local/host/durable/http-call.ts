import type { HttpRequest } from "./library.ts";

/** What the extension's own HTTP client waits for an answer. */
const TIMEOUT_MS = 100_000;

/**
 * Makes the HTTP call of `callHttp`. Whatever status comes back is a result; only no answer at all is a failure.
 *
 * @param input the request as JSON
 * @returns the answer as JSON
 */
export async function callHttp(input: string): Promise<string> {
  const { method, uri, content, headers = {}, tokenSource } = JSON.parse(input) as HttpRequest;
  if (tokenSource) {
    throw new Error("This host has no managed identity: leave out tokenSource, or make the call in an activity.");
  }
  const body = content && method !== "GET" && method !== "HEAD" ? { body: content } : {};
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(uri, { method, headers, ...body, signal }).catch((error: unknown) => {
    // Without path and query: they may hold what nobody should read in a history.
    throw new Error(`No answer from ${new URL(uri).origin}: ${reasonOf(error as Error)}`, { cause: error });
  });
  return JSON.stringify({
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    content: await response.text(),
  });
}

/** `fetch` only says that it failed; why is in its cause. */
const reasonOf = ({ message, cause }: Error): string => (cause instanceof Error ? cause.message : message);
