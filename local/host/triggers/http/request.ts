import type { IncomingMessage } from "node:http";
import type { TypedData } from "../../worker/types.ts";

/** A request body over the limit. */
export class BodyTooLargeError extends Error {
  override name = "BodyTooLargeError";
}

/**
 * A request in the form the host hands it to a function.
 *
 * @param params values of the route's parameters
 * @param body undefined when the request has none
 */
export function toHttpData(
  request: IncomingMessage,
  url: URL,
  params: Record<string, string>,
  body: Uint8Array | undefined,
): TypedData {
  return {
    http: {
      method: request.method,
      url: url.href,
      headers: headersOf(request),
      params,
      query: queryOf(url),
      ...(body && { body: { bytes: body } }),
    },
  };
}

/** @throws BodyTooLargeError as soon as more than `limit` bytes have come in */
export async function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers["content-length"]) > limit) throw new BodyTooLargeError();
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop early must not break the connection: the caller is still owed an answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw new BodyTooLargeError();
    chunks.push(chunk);
  }
  return length === 0 ? undefined : Buffer.concat(chunks);
}

/** Repeated headers become one, joined as HTTP says. */
function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    // In Azure the platform sets these after it checked a sign-in, and takes them away from callers. Here nobody checks.
    if (!values || name.startsWith("x-ms-client-principal")) continue;
    headers[name] = values.join(name === "cookie" ? "; " : ", ");
  }
  return headers;
}

/** A name given twice reaches the function once, with its values joined by a comma, as in Azure. */
function queryOf(url: URL): Record<string, string> {
  const query: Record<string, string> = {};
  for (const name of new Set(url.searchParams.keys())) query[name] = url.searchParams.getAll(name).join(",");
  return query;
}
