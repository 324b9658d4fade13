import { z } from "zod";
import { basic, createJsonClient } from "../json-client.ts";
import type { TicketSystem } from "../outside-ticket-store.ts";
import { asHtml, oneLine, plainText } from "../plain-text.ts";
import type { TicketSettings } from "../ticket-settings.ts";

const WorkItem = z.object({ id: z.number(), fields: z.object({ "System.State": z.string() }) });
const Found = z.object({ workItems: z.array(z.object({ id: z.number() })) });
const Comments = z.object({
  comments: z.array(z.object({ text: z.string() })),
  continuationToken: z.string().optional(),
});

const PRIORITY: Record<string, string> = { high: "1", medium: "2", low: "3", informational: "4" };
const ENDED = ["Closed", "Done", "Resolved", "Removed"];
const PATCH = "application/json-patch+json";
const VERSION = "api-version=7.1";
const idOf = (id: number) => ({ ref: String(id), id: `#${id}` });

/**
 * Work items of Azure DevOps, each marked by a tag.
 *
 * @see https://learn.microsoft.com/en-us/rest/api/azure/devops/wit/work-items/create?view=azure-devops-rest-7.1 - needs `vso.work_write`
 */
export function createAzureDevOps(settings: TicketSettings, now?: () => Date): TicketSystem {
  const { url, secret, project, group, type = "Issue", priorities } = settings;
  const { openState = "Active", closedState = "Closed" } = settings;
  const call = createJsonClient(
    { name: "Azure DevOps", url, headers: { authorization: basic("", secret) }, secret },
    now,
  );
  const path = `/${encodeURIComponent(project)}/_apis/wit`;
  const add = (fields: Record<string, unknown>) =>
    Object.entries(fields).map(([name, value]) => ({ op: "add", path: `/fields/${name}`, value }));

  return {
    findsAfterMs: 15_000,
    async find(mark) {
      const query = `SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project AND [System.Tags] CONTAINS '${mark}'`;
      const [found] = Found.parse(await call("POST", `${path}/wiql?${VERSION}`, { body: { query } })).workItems;
      return found && idOf(found.id);
    },
    async create({ title, description, severity }, mark) {
      const body = add({
        "System.Title": oneLine(title, 255),
        "System.Description": asHtml(plainText(description, 30_000)),
        "System.Tags": `defender-playbooks; ${mark}`,
        "Microsoft.VSTS.Common.Priority": Number(priorities[severity] ?? PRIORITY[severity.toLowerCase()] ?? "2"),
        ...(group && { "System.AreaPath": group }),
      });
      const made = await call("POST", `${path}/workitems/$${encodeURIComponent(type)}?${VERSION}`, {
        body,
        contentType: PATCH,
      });
      return idOf(WorkItem.parse(made).id);
    },
    async readStatus(ref) {
      const { fields } = WorkItem.parse(await call("GET", `${path}/workitems/${ref}?${VERSION}`));
      return [...ENDED, closedState].includes(fields["System.State"]) ? "closed" : "open";
    },
    async setStatus(ref, status) {
      const body = add({ "System.State": status === "closed" ? closedState : openState });
      await call("PATCH", `${path}/workitems/${ref}?${VERSION}`, { body, contentType: PATCH });
    },
    async hasNote(ref, mark) {
      for (let token = ""; ; ) {
        const page = `$top=200&${token && `continuationToken=${encodeURIComponent(token)}&`}${VERSION}-preview.4`;
        const seen = Comments.parse(await call("GET", `${path}/workItems/${ref}/comments?${page}`));
        if (seen.comments.some(({ text }) => text.includes(mark))) return true;
        if (!seen.continuationToken) return false;
        token = seen.continuationToken;
      }
    },
    async addNote(ref, text, mark) {
      const body = { text: `${asHtml(plainText(text, 30_000))}<br>[${mark}]` };
      await call("POST", `${path}/workItems/${ref}/comments?${VERSION}-preview.4`, { body });
    },
  };
}
