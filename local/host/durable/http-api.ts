import { randomUUID, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type ClientAddresses, managementQuery, managementUrls, RPC_PATH, WEBHOOK_PATH } from "./client-binding.ts";
import { isEnded } from "./history.ts";
import { INSTANCE_ID_RULE, isInstanceId } from "./instance-id.ts";
import type { Management, Outcome } from "./management.ts";
import { entityIdOf } from "./plan.ts";
import { statusCode, statusView } from "./status-view.ts";
import type { InstanceRow } from "./store.ts";

interface Call {
  method: string;
  /** Decoded, without the base. */
  path: string[];
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body(): Promise<string>;
}

interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/**
 * The HTTP API of Durable Functions, as the client of the library and others speak it. The public addresses want the
 * system key; the others answer callers on this machine.
 */
export function createDurableHttpApi(engine: Management, addresses: () => ClientAddresses) {
  const api = createHandlers(engine, addresses);

  return async function handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const url = new URL(request.url ?? "/", "http://localhost");
    const base = [WEBHOOK_PATH, RPC_PATH].find((path) => url.pathname.toLowerCase().startsWith(path));
    if (base === undefined) return false;

    const mayCall = base === WEBHOOK_PATH ? hasKey(request, url) : isFromProgram(request);
    const answer = mayCall ? await answerTo(request, url, base).catch(refusal) : { status: 401 };
    const text = answer.body === undefined ? "" : JSON.stringify(answer.body);
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers }).end(text);
    return true;
  };

  function hasKey({ headers }: IncomingMessage, url: URL): boolean {
    const { systemKey } = addresses();
    return (
      systemKey !== "" && isSame(url.searchParams.get("code") ?? String(headers["x-functions-key"] ?? ""), systemKey)
    );
  }

  async function answerTo(request: IncomingMessage, url: URL, base: string): Promise<Answer> {
    return api({
      method: request.method ?? "GET",
      path: segmentsOf(url.pathname.slice(base.length)),
      query: url.searchParams,
      headers: request.headers,
      body: () => read(request),
    });
  }
}

/** A page in a browser on this machine must not start anything: browsers name the page, programs do not. */
const isFromProgram = ({ headers }: IncomingMessage): boolean => headers.origin === undefined;

class BadRequest extends Error {}

const refusal = (error: unknown): Answer => {
  const message = (error as Error).message;
  return { status: error instanceof BadRequest ? 400 : 500, body: { Message: message, ExceptionMessage: message } };
};

/** A slash at the end means nothing; two in a row belong to the key of an entity. */
function segmentsOf(path: string): string[] {
  return path.replace(/\/$/, "").split("/").map(decode);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new BadRequest(`"${segment}" is not a part of an address.`);
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function isSame(given: string, key: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(key)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const DEFAULT_PAGE = 100;
const PURGED_TOGETHER = 200;
const CONTINUATION = "x-ms-continuation-token";

function createHandlers(engine: Management, addresses: () => ClientAddresses) {
  return async function route(call: Call): Promise<Answer> {
    const [kind, ...rest] = call.path;
    switch (`${call.method} ${kind?.toLowerCase()}`) {
      case "POST orchestrators":
        return start(call, rest);
      case "GET instances":
        return rest.length > 0 ? status(call, wholeId(rest)) : list(call);
      case "DELETE instances":
        return rest.length > 0 ? purgeOne(wholeId(rest)) : purgeMany(call);
      case "POST instances":
        return manage(call, rest);
      case "GET entities":
        return rest[1] ? readEntity(entityIn(rest)) : listEntities(call, rest[0]);
      case "POST entities":
      case "DELETE entities":
        return signal(call, rest);
      default:
        return { status: 404 };
    }
  };

  async function start(call: Call, [name = "", ...given]: string[]): Promise<Answer> {
    const id = given.length > 0 ? given.join("/") : randomUUID().replaceAll("-", "");
    if (!isInstanceId(id)) throw new BadRequest(INSTANCE_ID_RULE);
    const input = await jsonBody(call, "null");
    const outcome = await engine.startNew({ id, name, input, version: call.query.get("version") });
    if (outcome === "no-function") throw new BadRequest(`The function '${name}' doesn't exist.`);
    if (outcome === "exists") return { status: 409, body: { Message: `An instance with id '${id}' is not finished.` } };
    const waitSeconds = Number(call.query.get("timeout") ?? 0);
    const ended = waitSeconds > 0 ? await endedWithin(id, waitSeconds, call) : undefined;
    if (!ended) return created(id);
    if (ended.status === "Completed") return { status: 200, body: JSON.parse(ended.output ?? "null") };
    const body = statusView(ended, { showInput: true }, () => []);
    return { status: ended.status === "Failed" ? 500 : 200, body };
  }

  async function endedWithin(id: string, seconds: number, { query }: Call): Promise<InstanceRow | undefined> {
    const pauseMs = Number(query.get("pollingInterval") ?? 1) * 1000;
    for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; ) {
      const row = engine.instance(id);
      if (row && isEnded(row.status)) return row;
      await new Promise((resume) => setTimeout(resume, Math.min(pauseMs, deadline - Date.now())));
    }
    return undefined;
  }

  function created(id: string): Answer {
    const { hostUrl, taskHub, systemKey } = addresses();
    const instance = `${hostUrl}${WEBHOOK_PATH}instances/${encodeURIComponent(id)}`;
    const urls = managementUrls(instance, managementQuery(taskHub, systemKey));
    const headers = { location: urls.statusQueryGetUri, "retry-after": "10" };
    return { status: 202, headers, body: { id, ...urls } };
  }

  function status({ query }: Call, id: string): Answer {
    const row = engine.instance(id);
    if (!row) return unknown(id);
    const view = statusView(row, statusOptions(query), () => engine.history(id));
    const isFailure = row.status === "Failed" && isTrue(query, "returnInternalServerErrorOnFailure");
    const code = isFailure ? 500 : statusCode(row);
    if (code !== 202) return { status: code, body: view };
    const { hostUrl, systemKey } = addresses();
    const location = `${hostUrl}${WEBHOOK_PATH}instances/${encodeURIComponent(id)}?code=${encodeURIComponent(systemKey)}`;
    return { status: 202, body: view, headers: { location, "retry-after": "5" } };
  }

  function list({ query, headers }: Call): Answer {
    const limit = positive(query.get("top")) ?? DEFAULT_PAGE;
    const after = readContinuation(headers[CONTINUATION]);
    const rows = engine.instances({ ...filterOf(query), limit, after });
    const last = rows.length === limit ? rows.at(-1) : undefined;
    const token = last ? continuation(last) : "";
    const body = rows.map((row) => statusView(row, { showInput: isTrue(query, "showInput", true) }, () => []));
    return { status: 200, body, headers: { [CONTINUATION]: token } };
  }

  async function purgeOne(id: string): Promise<Answer> {
    if (!engine.instance(id)) return unknown(id);
    return { status: 200, body: { instancesDeleted: await engine.purge([id]) } };
  }

  async function purgeMany({ query }: Call): Promise<Answer> {
    if (!query.has("createdTimeFrom")) throw new BadRequest("Say from when with createdTimeFrom.");
    const deleted = await purgePages(filterOf(query));
    return deleted > 0 ? { status: 200, body: { instancesDeleted: deleted } } : { status: 404 };
  }

  /** Page by page, so that others are served in between. */
  async function purgePages(filter: ReturnType<typeof filterOf>): Promise<number> {
    let deleted = 0;
    let after: InstanceRow | undefined;
    do {
      const rows = engine.instances({ ...filter, limit: PURGED_TOGETHER, after });
      deleted += await engine.purge(rows.map(({ id }) => id));
      after = rows.length === PURGED_TOGETHER ? rows.at(-1) : undefined;
    } while (after);
    return deleted;
  }

  async function manage(call: Call, [id = "", operation = "", ...rest]: string[]): Promise<Answer> {
    const reason = call.query.get("reason") ?? "";
    const isEvent = operation.toLowerCase() === "raiseevent";
    // Azure has no such addresses either: an event must not be raised under half its name.
    if (rest.length > (isEvent ? 1 : 0)) return { status: 404 };
    const [eventName] = rest;
    switch (operation.toLowerCase()) {
      case "raiseevent":
        if (!eventName) throw new BadRequest("Say the name of the event.");
        // The library keeps steps, by number, and events, by name, in one table.
        if (/^\d+$/.test(eventName)) throw new BadRequest("A number cannot be the name of an event.");
        return outcomeAnswer(await engine.raiseEvent(id, eventName, await jsonBody(call, "")), id);
      case "terminate":
        return outcomeAnswer(await engine.terminate(id, reason), id);
      case "suspend":
        return outcomeAnswer(await engine.suspend(id, reason), id);
      case "resume":
        return outcomeAnswer(await engine.resume(id, reason), id);
      case "rewind": {
        const outcome = await engine.rewind(id, reason);
        if (outcome === "done") return { status: 202 };
        // The client throws the body as it is.
        return outcome === "unknown" ? { status: 404, body: noInstance(id) } : { status: 412, body: NOT_REWINDABLE };
      }
      case "restart":
        return restart(call, id);
      default:
        return { status: 404 };
    }
  }

  async function restart({ query }: Call, id: string): Promise<Answer> {
    const row = engine.instance(id);
    if (!row) throw new BadRequest(noInstance(id));
    const isNew = isTrue(query, "restartWithNewInstanceId", true);
    const newId = isNew ? randomUUID().replaceAll("-", "") : id;
    const outcome = await engine.startNew({
      id: newId,
      name: row.name,
      input: row.input ?? "null",
      version: row.version,
    });
    if (outcome === "no-function") throw new BadRequest(`The function '${row.name}' doesn't exist.`);
    return outcome === "started" ? created(newId) : { status: 409, body: { Message: `'${id}' is not finished.` } };
  }

  function readEntity(id: string): Answer {
    const row = engine.entity(id);
    return row?.isPresent ? { status: 200, body: JSON.parse(row.state ?? "null") } : { status: 404 };
  }

  function listEntities({ query, headers }: Call, name: string | undefined): Answer {
    const limit = positive(query.get("top")) ?? DEFAULT_PAGE;
    const after = decode(String(headers[CONTINUATION] ?? ""));
    const from = timeOf(query.get("lastOperationTimeFrom")) ?? 0;
    const to = timeOf(query.get("lastOperationTimeTo")) ?? Number.MAX_SAFE_INTEGER;
    const prefix = name ? `@${name.toLowerCase()}@` : "@";
    const rows = engine.entities({ prefix, after, limit, from, to });
    const body = rows.map(({ id, updatedAt, state }) => {
      const end = id.indexOf("@", 1);
      const entityId = { name: id.slice(1, end), key: id.slice(end + 1) };
      const fetched = isTrue(query, "fetchState") ? { state: JSON.parse(state ?? "null") } : {};
      return { entityId, lastOperationTime: new Date(updatedAt).toISOString(), ...fetched };
    });
    const last = rows.length === limit ? (rows.at(-1)?.id ?? "") : "";
    return { status: 200, body, headers: { [CONTINUATION]: encodeURIComponent(last) } };
  }

  async function signal(call: Call, path: string[]): Promise<Answer> {
    const operation = call.method === "DELETE" ? "delete" : (call.query.get("op") ?? "");
    const isJson = (call.headers["content-type"] ?? "application/json").includes("json");
    const input = isJson ? await jsonBody(call, "") : JSON.stringify(await call.body());
    await engine.signalEntity(entityIn(path), operation, input);
    return { status: 202 };
  }
}

/** No id has a slash, but the client would ask for one that has; it must not get, or forget, another one. */
const wholeId = (path: string[]): string => path.join("/");

/** The client writes a key with a slash as it is; `$` stands for the empty key. */
function entityIn([name = "", ...rest]: string[]): string {
  const key = rest.join("/");
  return entityIdOf({ name, key: key === "$" ? "" : key });
}

/** The client takes 410 for an event as success: the orchestration has ended and needs it no more. */
function outcomeAnswer(outcome: Outcome, id: string): Answer {
  if (outcome === "done") return { status: 202 };
  return outcome === "unknown" ? unknown(id) : { status: 410 };
}

const noInstance = (id: string): string => `There is no instance with id '${id}'.`;
const unknown = (id: string): Answer => ({ status: 404, body: { Message: noInstance(id) } });

const NOT_REWINDABLE =
  "Only an orchestration that has failed because a step of it failed, and has done nothing since, can be rewound.";

async function jsonBody(call: Call, whenEmpty: string): Promise<string> {
  const text = await call.body();
  if (text.trim() === "") return whenEmpty;
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    throw new BadRequest("The body is not JSON.");
  }
}

const statusOptions = (query: URLSearchParams) => ({
  showInput: isTrue(query, "showInput", true),
  showHistory: isTrue(query, "showHistory"),
  showHistoryOutput: isTrue(query, "showHistoryOutput"),
});

function isTrue(query: URLSearchParams, name: string, otherwise = false): boolean {
  const value = query.get(name);
  return value === null ? otherwise : value.toLowerCase() === "true";
}

const positive = (text: string | null): number | undefined => (Number(text) > 0 ? Number(text) : undefined);

function filterOf(query: URLSearchParams) {
  const statuses = query.get("runtimeStatus")?.split(",").filter(Boolean);
  return {
    from: timeOf(query.get("createdTimeFrom")),
    to: timeOf(query.get("createdTimeTo")),
    statuses: statuses?.length ? statuses : undefined,
    prefix: query.get("instanceIdPrefix") ?? undefined,
  };
}

function timeOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new BadRequest(`"${text}" is not a time.`);
  return time;
}

const continuation = ({ createdAt, id }: InstanceRow): string =>
  Buffer.from(JSON.stringify({ createdAt, id })).toString("base64");

function readContinuation(token: string | string[] | undefined): { createdAt: number; id: string } | undefined {
  if (typeof token !== "string" || token === "") return undefined;
  try {
    return JSON.parse(Buffer.from(token, "base64").toString()) as { createdAt: number; id: string };
  } catch {
    throw new BadRequest("The continuation token is not one of this host.");
  }
}
