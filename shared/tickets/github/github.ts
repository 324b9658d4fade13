import { z } from "zod";
import { createJsonClient } from "../json-client.ts";
import type { TicketSystem } from "../outside-ticket-store.ts";
import { fenced, oneLine, plainText } from "../plain-text.ts";
import type { TicketSettings } from "../ticket-settings.ts";

const Issue = z.object({ number: z.number(), state: z.enum(["open", "closed"]), body: z.string().nullish() });
const Listed = z.array(Issue.extend({ created_at: z.iso.datetime() }));
const Comments = z.array(z.object({ body: z.string().nullish() }));
const PER_PAGE = 100;
/** Marks of ours stand at the end of what we wrote; the text of an alert stands in a fence before. */
const endsWith = (body: string | null | undefined, mark: string): boolean => body?.endsWith(`\`${mark}\``) ?? false;
const marked = (text: string, mark: string): string => `${fenced(plainText(text, 30_000))}\n\n\`${mark}\``;

/**
 * Issues of a GitHub repository, each marked in its body and found in the list of the newest, which lags behind nothing.
 *
 * @see https://docs.github.com/en/rest/issues/issues - needs to read and write issues
 */
export function createGitHub(settings: TicketSettings, now?: () => Date): TicketSystem {
  const { url, secret, project, type: label = "defender-playbooks", priorities } = settings;
  const headers = { authorization: `Bearer ${secret}`, "x-github-api-version": "2022-11-28" };
  const call = createJsonClient({ name: "GitHub", url, headers, secret }, now);
  const path = `/repos/${project}/issues`;
  const idOf = ({ number }: z.infer<typeof Issue>) => ({ ref: String(number), id: `#${number}` });

  return {
    findsAfterMs: 15_000,
    async find(mark, since) {
      const newest = `state=all&labels=${encodeURIComponent(label)}&sort=created&direction=desc&per_page=${PER_PAGE}`;
      for (let page = 1; ; page++) {
        const issues = Listed.parse(await call("GET", `${path}?${newest}&page=${page}`));
        const found = issues.find(({ body }) => endsWith(body, mark));
        if (found) return idOf(found);
        const last = issues.at(-1);
        if (!last || issues.length < PER_PAGE || Date.parse(last.created_at) < since.getTime()) return undefined;
      }
    },
    async create({ title, description, severity }, mark) {
      const labels = [label, priorities[severity] ?? `severity: ${severity.toLowerCase()}`];
      const body = { title: oneLine(title, 250), body: marked(description, mark), labels };
      return idOf(Issue.parse(await call("POST", path, { body })));
    },
    readStatus: async (ref) => Issue.parse(await call("GET", `${path}/${ref}`)).state,
    setStatus: async (ref, status) => void (await call("PATCH", `${path}/${ref}`, { body: { state: status } })),
    async hasNote(ref, mark) {
      for (let page = 1; ; page++) {
        const comments = Comments.parse(await call("GET", `${path}/${ref}/comments?per_page=${PER_PAGE}&page=${page}`));
        if (comments.some(({ body }) => endsWith(body, mark))) return true;
        if (comments.length < PER_PAGE) return false;
      }
    },
    addNote: async (ref, text, mark) =>
      void (await call("POST", `${path}/${ref}/comments`, { body: { body: marked(text, mark) } })),
  };
}
