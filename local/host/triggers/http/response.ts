import type { ServerResponse } from "node:http";
import type { TypedData } from "../../worker/types.ts";

/** What a function answered, as `@azure/functions` hands it to the host. */
interface HttpResponseData {
  statusCode?: string;
  headers?: Record<string, string>;
  cookies?: HttpCookie[];
  body?: TypedData | null;
}

interface HttpCookie {
  name: string;
  value: string;
  domain?: { value: string };
  path?: { value: string };
  expires?: { value: { seconds: number } };
  secure?: { value: boolean };
  httpOnly?: { value: boolean };
  maxAge?: { value: number };
  sameSite?: "none" | "lax" | "strict" | "explicitNone";
}

/** `none` stands for "not set" in the protocol of the host, `explicitNone` for the attribute. */
const sameSiteAttribute = { lax: "SameSite=Lax", strict: "SameSite=Strict", explicitNone: "SameSite=None" };

/** These belong to the connection and are the server's to set. */
const connectionHeaders = new Set(["connection", "content-length", "keep-alive", "transfer-encoding"]);

/** Writes what a function returned to the caller; a function that returns nothing answers 204. */
export function sendHttpData(response: ServerResponse, returned: TypedData | null | undefined, isHead: boolean): void {
  const answer = returned?.http as HttpResponseData | undefined;
  if (!answer) {
    response.writeHead(204).end();
    return;
  }
  const status = Number(answer.statusCode ?? 200);
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    if (!connectionHeaders.has(name.toLowerCase())) response.setHeader(name, value);
  }
  const cookies = (answer.cookies ?? []).map(formatCookie);
  if (cookies.length > 0) response.setHeader("set-cookie", cookies);

  const body = status === 204 || status === 304 ? undefined : bytesOf(answer.body);
  if (body) response.setHeader("content-length", body.length);
  response.writeHead(status);
  response.end(isHead ? undefined : body);
}

function bytesOf(body: TypedData | null | undefined): Uint8Array {
  if (body?.bytes) return body.bytes;
  return Buffer.from(body?.string ?? body?.json ?? "");
}

function formatCookie(cookie: HttpCookie): string {
  const attributes = [`${cookie.name}=${encodeURIComponent(cookie.value)}`];
  if (cookie.maxAge) attributes.push(`Max-Age=${Math.trunc(cookie.maxAge.value)}`);
  if (cookie.expires) attributes.push(`Expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`);
  if (cookie.domain) attributes.push(`Domain=${cookie.domain.value}`);
  attributes.push(`Path=${cookie.path?.value ?? "/"}`);
  if (cookie.secure?.value) attributes.push("Secure");
  if (cookie.sameSite && cookie.sameSite !== "none") attributes.push(sameSiteAttribute[cookie.sameSite]);
  if (cookie.httpOnly?.value) attributes.push("HttpOnly");
  return attributes.join("; ");
}
