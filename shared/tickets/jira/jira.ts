import { z } from "zod";
import { PermanentError } from "../../errors.ts";
import { basic, createJsonClient } from "../json-client.ts";
import type { TicketSystem } from "../outside-ticket-store.ts";
import { oneLine, plainText } from "../plain-text.ts";
import type { TicketSettings } from "../ticket-settings.ts";

const Created = z.object({ id: z.string(), key: z.string() });
const Found = z.object({ issues: z.array(Created) });
const Status = z.object({ statusCategory: z.object({ key: z.string() }) });
const Issue = z.object({ fields: z.object({ status: Status }) });
const Transitions = z.object({ transitions: z.array(z.object({ id: z.string(), name: z.string(), to: Status })) });
const Comments = z.object({ comments: z.array(z.object({ body: z.unknown() })), total: z.number() });
const PER_PAGE = 100;

/** Text as a document of Jira, in which nothing but the paragraphs has a meaning. */
const asDocument = (text: string) => ({
  type: "doc",
  version: 1,
  content: text.split("\n").map((line) => ({
    type: "paragraph",
    content: line === "" ? [] : [{ type: "text", text: line }],
  })),
});

/**
 * Issues of Jira Cloud, each marked by a label.
 *
 * @see https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/ - needs to browse, create and transition issues and to add comments
 */
export function createJira(settings: TicketSettings, now?: () => Date): TicketSystem {
  const { url, user, secret, project, type = "Task", priorities, openState, closedState } = settings;
  const call = createJsonClient({ name: "Jira", url, headers: { authorization: basic(user, secret) }, secret }, now);
  const path = (ref: string) => `/rest/api/3/issue/${ref}`;

  return {
    /** Jira's search follows after some seconds. */
    findsAfterMs: 60_000,
    async find(mark) {
      const jql = encodeURIComponent(`labels = "${mark}"`);
      const [issue] = Found.parse(
        await call("GET", `/rest/api/3/search/jql?jql=${jql}&fields=status&maxResults=1`),
      ).issues;
      return issue && { ref: issue.id, id: issue.key };
    },
    async create({ title, description, severity }, mark) {
      const priority = priorities[severity];
      const fields = {
        project: { key: project },
        issuetype: { name: type },
        summary: oneLine(title, 255),
        description: asDocument(plainText(description, 30_000)),
        labels: ["defender-playbooks", mark],
        ...(priority && { priority: { name: priority } }),
      };
      const { id, key } = Created.parse(await call("POST", "/rest/api/3/issue", { body: { fields } }));
      return { ref: id, id: key };
    },
    async readStatus(ref) {
      const { status } = Issue.parse(await call("GET", `${path(ref)}?fields=status`)).fields;
      return status.statusCategory.key === "done" ? "closed" : "open";
    },
    async setStatus(ref, status) {
      const { transitions } = Transitions.parse(await call("GET", `${path(ref)}/transitions`));
      const named = status === "closed" ? closedState : openState;
      const leads = transitions.filter(({ to }) => (to.statusCategory.key === "done") === (status === "closed"));
      const transition = named ? transitions.find(({ name }) => name === named) : leads[0];
      if (!transition) {
        const names = transitions.map(({ name }) => name).join(", ");
        throw new PermanentError("NoTransition", `Jira lets this issue not become ${status}; it offers: ${names}`);
      }
      await call("POST", `${path(ref)}/transitions`, { body: { transition: { id: transition.id } } });
    },
    async hasNote(ref, mark) {
      for (let startAt = 0; ; startAt += PER_PAGE) {
        const page = `startAt=${startAt}&maxResults=${PER_PAGE}&orderBy=-created`;
        const { comments, total } = Comments.parse(await call("GET", `${path(ref)}/comment?${page}`));
        if (comments.some(({ body }) => JSON.stringify(body).includes(mark))) return true;
        if (comments.length === 0 || startAt + comments.length >= total) return false;
      }
    },
    async addNote(ref, text, mark) {
      const body = { body: asDocument(`${plainText(text, 30_000)}\n[${mark}]`) };
      await call("POST", `${path(ref)}/comment`, { body });
    },
  };
}
