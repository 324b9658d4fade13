import { z } from "zod";
import { basic, createJsonClient } from "../json-client.ts";
import type { TicketSystem } from "../outside-ticket-store.ts";
import { oneLine, plainText } from "../plain-text.ts";
import type { TicketSettings } from "../ticket-settings.ts";

const Incident = z.object({ sys_id: z.string().min(1), number: z.string().min(1), state: z.string() });
const One = z.object({ result: Incident });
const Many = z.object({ result: z.array(Incident) });
const Entries = z.object({ result: z.array(z.object({ value: z.string() })) });

/** Impact and urgency, from which ServiceNow works out the priority. */
const URGENCY: Record<string, string> = { high: "1", medium: "2", low: "3", informational: "3" };
const RESOLVED = "6";
const IN_PROGRESS = "2";
/** Resolved, Closed, Cancelled. */
const ENDED = ["6", "7", "8"];
const FIELDS = "sysparm_fields=sys_id,number,state";

/** A journal shows what stands between these as HTML. */
const withoutCode = (text: string, most: number): string =>
  plainText(text, most).replace(/\[(\/?)(code)\]/gi, "($1$2)");

/**
 * Incidents of ServiceNow, each marked by its `correlation_id`.
 *
 * @see https://www.servicenow.com/docs/bundle/xanadu-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html - needs the role `itil` and to read `sys_journal_field`
 */
export function createServiceNow(settings: TicketSettings, now?: () => Date): TicketSystem {
  const { url, user, secret, group, priorities, openState = IN_PROGRESS, closedState = RESOLVED } = settings;
  const call = createJsonClient(
    { name: "ServiceNow", url, headers: { authorization: basic(user, secret) }, secret },
    now,
  );
  const path = "/api/now/table/incident";
  const idOf = ({ sys_id, number }: z.infer<typeof Incident>) => ({ ref: sys_id, id: number });

  return {
    findsAfterMs: 0,
    async find(mark) {
      const query = `sysparm_query=${encodeURIComponent(`correlation_id=${mark}`)}&sysparm_limit=1&${FIELDS}`;
      const [found] = Many.parse(await call("GET", `${path}?${query}`)).result;
      return found && idOf(found);
    },
    async create({ title, description, severity }, mark) {
      const urgency = priorities[severity] ?? URGENCY[severity.toLowerCase()] ?? "2";
      const body = {
        correlation_id: mark,
        correlation_display: "defender-playbooks",
        short_description: oneLine(title, 160),
        description: plainText(description, 4000),
        ...{ urgency, impact: urgency },
        ...(group && { assignment_group: group }),
      };
      return idOf(One.parse(await call("POST", `${path}?${FIELDS}`, { body })).result);
    },
    async readStatus(ref) {
      const { state } = One.parse(await call("GET", `${path}/${ref}?${FIELDS}`)).result;
      return state === closedState || ENDED.includes(state) ? "closed" : "open";
    },
    async setStatus(ref, status) {
      const closing = { state: closedState, close_code: "Solution provided", close_notes: "Closed by a playbook" };
      await call("PATCH", `${path}/${ref}?${FIELDS}`, { body: status === "closed" ? closing : { state: openState } });
    },
    async hasNote(ref, mark) {
      const query = encodeURIComponent(`element_id=${ref}^element=work_notes^valueLIKE${mark}`);
      const found = await call("GET", `/api/now/table/sys_journal_field?sysparm_query=${query}&sysparm_fields=value`);
      return Entries.parse(found).result.some(({ value }) => value.includes(mark));
    },
    async addNote(ref, text, mark) {
      const body = { work_notes: `${withoutCode(text, 3900)}\n[${mark}]` };
      await call("PATCH", `${path}/${ref}?${FIELDS}`, { body });
    },
  };
}
