import type { OutsideName } from "../../shared/tickets/ticket-settings.ts";
import { type Answer, type Asked, type KeptTicket, keep, refusal, type TicketState } from "./ticket-server.ts";

/** What every stand-in lets in. */
export const USER = "playbooks";
export const SECRET = "correct-horse";
const BASIC = `Basic ${Buffer.from(`${USER}:${SECRET}`).toString("base64")}`;
const PAT = `Basic ${Buffer.from(`:${SECRET}`).toString("base64")}`;
const BEARER = `Bearer ${SECRET}`;

type StandIn = (asked: Asked, state: TicketState) => Answer;
const ok = (body: unknown): Answer => ({ status: 200, body });
const made = (body: unknown): Answer => ({ status: 201, body });

/** A careless proxy before a system says back whom it has not let in. */
const clearTextOf = (authorization = ""): string =>
  Buffer.from(authorization.split(" ").at(-1) ?? "", "base64").toString("utf8");

const serviceNow: StandIn = ({ method, path, query, headers, body }, state) => {
  if (headers.authorization !== BASIC)
    return refusal(401, `User Not Authenticated: ${clearTextOf(headers.authorization)}`);
  const shown = ({ number, state }: KeptTicket) => ({
    ...{ sys_id: `sys${number}`, number: `INC${String(number).padStart(7, "0")}`, state },
  });
  const [, ref] = /\/incident\/sys(\d+)$/.exec(path) ?? [];
  const ticket = state.ticket(Number(ref));
  const asked = query.get("sysparm_query") ?? "";
  if (path.endsWith("/sys_journal_field")) {
    const [, id, mark = ""] = /^element_id=sys(\d+)\^element=work_notes\^valueLIKE(.+)$/.exec(asked) ?? [];
    const notes = state.ticket(Number(id))?.notes ?? [];
    return ok({ result: notes.filter((note) => String(note).includes(mark)).map((value) => ({ value })) });
  }
  if (method === "POST") {
    if (!body.short_description || body.short_description.length > 160) return refusal(403, "short_description");
    if (body.description.length > 4000) return refusal(400, "description");
    const { short_description: title, description, correlation_id, ...fields } = body;
    return made({ result: shown(keep(state, { title, description, fields, marks: [correlation_id], state: "1" })) });
  }
  if (!ref) {
    const found = state.searchable().filter(({ marks }) => asked === `correlation_id=${marks[0]}`);
    return ok({ result: found.map(shown) });
  }
  if (!ticket) return refusal(404, "No Record found");
  if (method === "PATCH") {
    if (["6", "7"].includes(body.state) && !(body.close_code && body.close_notes)) return refusal(403, "close_code");
    if (body.state) ticket.state = body.state;
    if (body.work_notes) ticket.notes.push(body.work_notes);
  }
  return ok({ result: shown(ticket) });
};

const jira: StandIn = ({ method, path, query, headers, body }, state) => {
  if (headers.authorization !== BASIC) return refusal(401, `no ${headers.authorization}`);
  const shown = ({ number }: KeptTicket) => ({ id: String(10_000 + number), key: `SEC-${number}` });
  const statusOf = (name: string) => ({ name, statusCategory: { key: name === "Done" ? "done" : "new" } });
  if (path.endsWith("/search/jql")) {
    const found = state.searchable().filter(({ marks }) => query.get("jql") === `labels = "${marks[1]}"`);
    return ok({ issues: found.map(shown) });
  }
  if (method === "POST" && path.endsWith("/issue")) {
    const { summary: title, description, labels: marks, ...fields } = body.fields;
    if (!title || title.length > 255 || /\n/.test(title)) return refusal(400, "summary");
    if (fields.project?.key !== "SEC" || !fields.issuetype?.name) return refusal(400, "project is required");
    if (description.type !== "doc" || description.version !== 1) return refusal(400, "not a document");
    return made(shown(keep(state, { title, description, marks, fields, state: "To Do" })));
  }
  const [, ref, rest] = /\/issue\/(\d+)(?:\/(\w+))?$/.exec(path) ?? [];
  const ticket = state.ticket(Number(ref) - 10_000);
  if (!ticket) return refusal(404, "Issue does not exist");
  if (rest === "comment" && method === "POST") {
    if (body.body?.type !== "doc") return refusal(400, "not a document");
    ticket.notes.push(body.body);
    return made({ id: "1" });
  }
  if (rest === "comment") {
    const [startAt, most] = [Number(query.get("startAt")), Number(query.get("maxResults"))];
    const newestFirst = query.get("orderBy") === "-created" ? ticket.notes.toReversed() : ticket.notes;
    const comments = newestFirst.slice(startAt, startAt + most).map((body) => ({ body }));
    return ok({ comments, startAt, total: ticket.notes.length });
  }
  if (rest === "transitions" && method === "POST") {
    ticket.state = body.transition.id === "31" ? "Done" : "To Do";
    return { status: 204 };
  }
  if (rest === "transitions") {
    const next =
      ticket.state === "Done"
        ? { id: "11", name: "Reopen", to: statusOf("To Do") }
        : { id: "31", name: "Resolve", to: statusOf("Done") };
    return ok({ transitions: [next] });
  }
  return ok({ ...shown(ticket), fields: { status: statusOf(ticket.state) } });
};

const azureDevOps: StandIn = ({ method, path, headers, body, query }, state) => {
  // Azure DevOps shows a page to sign in to whoever it does not know.
  if (headers.authorization !== PAT) return refusal(401, `no ${headers.authorization}`);
  if (!query.has("api-version")) return refusal(400, "api-version is required");
  const shown = ({ number, state }: KeptTicket) => ({ id: number, fields: { "System.State": state } });
  if (path.endsWith("/wiql")) {
    const found = state.searchable().filter(({ marks }) => body.query.includes(`CONTAINS '${marks[1]}'`));
    return ok({ workItems: found.map(({ number: id }) => ({ id })) });
  }
  const [, ref, rest] = /\/workitems\/(\d+)(\/comments)?$/i.exec(path) ?? [];
  const ticket = state.ticket(Number(ref));
  if (ref && !ticket) return refusal(404, "Work item does not exist");
  if (rest && ticket) {
    if (method === "POST") {
      ticket.notes.push(body.text);
      return ok({ id: 1, text: body.text });
    }
    const [from, most] = [Number(query.get("continuationToken")), Number(query.get("$top"))];
    const comments = ticket.notes.slice(from, from + most).map((text) => ({ text }));
    const hasMore = from + most < ticket.notes.length;
    return ok({ comments, ...(hasMore && { continuationToken: String(from + most) }) });
  }
  if (method === "GET" && ticket) return ok(shown(ticket));
  if (headers["content-type"] !== "application/json-patch+json") return refusal(415, "not a patch");
  const patch = body as { path: string; value: string }[];
  const fieldOf = (name: string) => patch.find((part) => part.path === `/fields/${name}`)?.value;
  if (method === "PATCH" && ticket) {
    ticket.state = fieldOf("System.State") ?? ticket.state;
    return ok(shown(ticket));
  }
  const title = fieldOf("System.Title") ?? "";
  if (!title || title.length > 255) return refusal(400, "System.Title");
  const marks = (fieldOf("System.Tags") ?? "").split("; ");
  const description = fieldOf("System.Description");
  return ok(shown(keep(state, { title, description, marks, fields: {}, state: "Active" })));
};

const gitHub: StandIn = ({ method, path, query, headers, body }, state) => {
  if (headers.authorization !== BEARER) return refusal(401, `Bad credentials: ${headers.authorization}`);
  if (!headers["user-agent"]) return refusal(403, "a user agent is required");
  const [, ref, rest] = /^\/repos\/acme\/tickets\/issues(?:\/(\d+))?(\/comments)?$/.exec(path) ?? [];
  const shown = ({ number, state, description, createdAt }: KeptTicket) => {
    return { number, state, body: description, created_at: createdAt.toISOString().replace(/\.\d+Z$/, "Z") };
  };
  const pageOf = <T>(all: T[]): T[] => {
    const most = Number(query.get("per_page") ?? 30);
    return all.slice((Number(query.get("page") ?? 1) - 1) * most).slice(0, most);
  };
  if (!path.startsWith("/repos/acme/tickets/issues")) return refusal(404, "Not Found");
  if (!ref && method === "GET") {
    const found = state.searchable().filter(({ marks }) => marks.includes(query.get("labels") ?? ""));
    return ok(pageOf(found.reverse()).map(shown));
  }
  if (!ref) {
    if (!body.title || body.title.length > 256 || body.body.length > 65_536) return refusal(422, "Validation Failed");
    return made(
      shown(keep(state, { title: body.title, description: body.body, marks: body.labels, fields: {}, state: "open" })),
    );
  }
  const ticket = state.ticket(Number(ref));
  if (!ticket) return refusal(410, "This issue was deleted");
  if (rest && method === "GET") return ok(pageOf(ticket.notes).map((note) => ({ body: note })));
  if (rest) {
    ticket.notes.push(body.body);
    return made({ id: 1 });
  }
  if (method === "PATCH") ticket.state = body.state;
  return ok(shown(ticket));
};

const theHive: StandIn = ({ method, path, headers, body }, state) => {
  if (headers.authorization !== BEARER) return refusal(401, `Authentication failure: ${headers.authorization}`);
  const isEnded = (name: string) => !["New", "InProgress"].includes(name);
  const shown = ({ number, state }: KeptTicket) => ({
    _id: `~${number}`,
    number,
    stage: isEnded(state) ? "Closed" : state,
  });
  if (path === "/api/v1/query") {
    const [first, filter] = body.query;
    if (first._name === "listCase") {
      return ok(
        state
          .searchable()
          .filter(({ marks }) => marks.includes(filter._eq._value))
          .map(shown),
      );
    }
    const page = body.query.at(-1);
    const notes = state.ticket(Number(first.idOrName.slice(1)))?.notes.slice(page.from, page.to) ?? [];
    return ok(notes.map((message) => ({ message })));
  }
  const [, ref, rest] = /\/case\/~(\d+)(\/comment)?$/.exec(path) ?? [];
  const ticket = state.ticket(Number(ref));
  if (path === "/api/v1/case") {
    const { title, description, severity, tags } = body;
    if (!title || !description || title.length > 512 || ![1, 2, 3, 4].includes(severity))
      return refusal(400, "invalid");
    return made(shown(keep(state, { title, description, marks: tags, fields: { severity }, state: "New" })));
  }
  if (!ticket) return refusal(404, "Case not found");
  if (rest) {
    ticket.notes.push(body.message);
    return made({});
  }
  if (method === "PATCH") {
    ticket.state = body.status;
    return { status: 204 };
  }
  return ok(shown(ticket));
};

/** What each system answers; as close to the vendors' as the app has need of. */
export const STAND_INS: Record<OutsideName, StandIn> = {
  servicenow: serviceNow,
  jira,
  "azure-devops": azureDevOps,
  github: gitHub,
  thehive: theHive,
};
