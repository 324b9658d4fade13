import { z } from "zod";
import { createJsonClient } from "../json-client.ts";
import type { TicketSystem } from "../outside-ticket-store.ts";
import { fenced, oneLine, plainText } from "../plain-text.ts";
import type { TicketSettings } from "../ticket-settings.ts";

const Case = z.object({ _id: z.string().min(1), number: z.number(), stage: z.string().optional() });
const Comments = z.array(z.object({ message: z.string() }));
const PER_PAGE = 100;
const SEVERITY: Record<string, string> = { high: "3", medium: "2", low: "1", informational: "1" };
const idOf = ({ _id, number }: z.infer<typeof Case>) => ({ ref: _id, id: `#${number}` });

/**
 * Cases of TheHive 5, each marked by a tag.
 *
 * @see https://docs.strangebee.com/thehive/api-docs/ - needs `manageCase` and `manageComment`
 */
export function createTheHive(settings: TicketSettings, now?: () => Date): TicketSystem {
  const { url, secret, project, priorities, openState = "InProgress", closedState = "Other" } = settings;
  const headers = { authorization: `Bearer ${secret}`, ...(project && { "x-organisation": project }) };
  const call = createJsonClient({ name: "TheHive", url, headers, secret }, now);
  const query = (...steps: object[]) => call("POST", "/api/v1/query", { body: { query: steps } });

  return {
    findsAfterMs: 15_000,
    async find(mark) {
      const found = await query(
        { _name: "listCase" },
        { _name: "filter", _eq: { _field: "tags", _value: mark } },
        { _name: "page", from: 0, to: 1 },
      );
      const [first] = z.array(Case).parse(found);
      return first && idOf(first);
    },
    async create({ title, description, severity }, mark) {
      const body = {
        title: oneLine(title, 500),
        description: fenced(plainText(description, 30_000)),
        severity: Number(priorities[severity] ?? SEVERITY[severity.toLowerCase()] ?? "2"),
        tags: ["defender-playbooks", mark],
      };
      return idOf(Case.parse(await call("POST", "/api/v1/case", { body })));
    },
    async readStatus(ref) {
      const { stage } = Case.parse(await call("GET", `/api/v1/case/${ref}`));
      return stage === "Closed" ? "closed" : "open";
    },
    async setStatus(ref, status) {
      await call("PATCH", `/api/v1/case/${ref}`, { body: { status: status === "closed" ? closedState : openState } });
    },
    async hasNote(ref, mark) {
      for (let from = 0; ; from += PER_PAGE) {
        const page = { _name: "page", from, to: from + PER_PAGE };
        const comments = Comments.parse(await query({ _name: "getCase", idOrName: ref }, { _name: "comments" }, page));
        if (comments.some(({ message }) => message.endsWith(`[${mark}]`))) return true;
        if (comments.length < PER_PAGE) return false;
      }
    },
    addNote: async (ref, text, mark) =>
      void (await call("POST", `/api/v1/case/${ref}/comment`, {
        body: { message: `${fenced(plainText(text, 30_000))}\n\n[${mark}]` },
      })),
  };
}
