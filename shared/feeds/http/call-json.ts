import { type CallFeed, type FeedAnswer, type FeedCall, textOf } from "./feed-client.ts";
import { FeedFault } from "./feed-fault.ts";

/** An answer read as JSON. */
export interface JsonAnswer {
  json: unknown;
  headers: FeedAnswer["headers"];
}

/** Calls a feed that answers with JSON. @throws FeedFault, also for what is no JSON */
export async function callJson(callFeed: CallFeed, call: FeedCall): Promise<JsonAnswer> {
  const answer = await callFeed(call);
  const text = await textOf(answer);
  try {
    return { json: JSON.parse(text), headers: answer.headers };
  } catch (cause) {
    throw new FeedFault("not-data", `${new URL(call.url).hostname} answered with something else than JSON.`, { cause });
  }
}

/** A header that is given once. */
export function headerOf({ headers }: Pick<JsonAnswer, "headers">, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
