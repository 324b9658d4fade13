import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { messageOf } from "../../shared/errors.ts";
import { logLine } from "../log-line.ts";

/** A request that cannot be served, with what the caller should do about it. */
export class Problem extends Error {
  override name = "Problem";
  readonly status: number;
  readonly title: string;

  constructor(status: number, title: string, detail: string) {
    super(detail);
    this.status = status;
    this.title = title;
  }
}

interface Route {
  name: string;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  route: string;
  /** Whether the request proves itself in another way than by a function key: by a token, a link's secret, a signature. */
  provesItself?: true;
  handle(request: HttpRequest, client: df.DurableClient, context: InvocationContext): Promise<HttpResponseInit>;
}

/**
 * Registers one way in over HTTP.
 *
 * The one place that says who may call: whoever holds a function key, unless the request proves itself. Errors leave as problem details (RFC 9457),
 * without anything of the inside; the log has the rest.
 */
export function registerRoute({ name, method, route, provesItself, handle }: Route): void {
  app.http(name, {
    methods: [method],
    route,
    authLevel: provesItself ? "anonymous" : "function",
    extraInputs: [df.input.durableClient()],
    async handler(request, context) {
      try {
        return await handle(request, df.getClient(context), context);
      } catch (error) {
        if (error instanceof Problem) return problemDetails(error);
        context.error(logLine("request failed", { route: name, reason: messageOf(error) }));
        const detail = `Quote invocation ${context.invocationId} when you ask for help.`;
        return problemDetails(new Problem(500, "The request could not be served", detail));
      }
    },
  });
}

const problemDetails = ({ status, title, message }: Problem): HttpResponseInit => ({
  status,
  headers: { "content-type": "application/problem+json" },
  body: JSON.stringify({ type: "about:blank", status, title, detail: message }),
});

/** The JSON body of a request, `{}` when there is none. @throws Problem 400 for text that is no JSON object */
export async function readJsonObject(request: HttpRequest): Promise<Record<string, unknown>> {
  const text = await request.text();
  if (text.trim() === "") return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Problem(400, "The body is not JSON", "Send the playbook's parameters as a JSON object.");
  }
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw new Problem(400, "The body is not a JSON object", "Send the playbook's parameters as a JSON object.");
}
