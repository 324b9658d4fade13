import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SECRET, STAND_INS, USER } from "../../../local/ticket-systems/stand-ins.ts";
import { startTicketServer, type TicketServer } from "../../../local/ticket-systems/ticket-server.ts";
import { basic } from "../../../shared/tickets/json-client.ts";
import type { OutsideName } from "../../../shared/tickets/ticket-settings.ts";

interface Sent {
  path: string;
  authorization: string;
  /** Of a ticket with all that is required, and of one that lacks something. */
  body: object;
  lacking: object;
  contentType?: string;
  note: { method: string; path: string; body: object };
}

const doc = { type: "doc", version: 1, content: [] };
const patch = (fields: object) => Object.entries(fields).map(([name, value]) => ({ path: `/fields/${name}`, value }));

/** What people would send to open a ticket, and a first note on it. */
const SENT: Record<OutsideName, Sent> = {
  servicenow: {
    path: "/api/now/table/incident",
    authorization: basic(USER, SECRET),
    body: { short_description: "title", description: "text", correlation_id: "m" },
    lacking: { description: "text" },
    note: { method: "PATCH", path: "/api/now/table/incident/sys1", body: { work_notes: "n" } },
  },
  jira: {
    path: "/rest/api/3/issue",
    authorization: basic(USER, SECRET),
    body: {
      fields: {
        summary: "title",
        description: doc,
        labels: ["a", "m"],
        project: { key: "SEC" },
        issuetype: { name: "Task" },
      },
    },
    lacking: { fields: { summary: "title", description: doc, labels: [], issuetype: { name: "Task" } } },
    note: { method: "POST", path: "/rest/api/3/issue/10001/comment", body: { body: doc } },
  },
  "azure-devops": {
    path: "/SEC/_apis/wit/workitems/$Issue?api-version=7.1",
    authorization: basic("", SECRET),
    contentType: "application/json-patch+json",
    body: patch({ "System.Title": "title", "System.Tags": "a; m" }),
    lacking: patch({ "System.Tags": "a; m" }),
    note: { method: "POST", path: "/SEC/_apis/wit/workItems/1/comments?api-version=7.1", body: { text: "n" } },
  },
  github: {
    path: "/repos/acme/tickets/issues",
    authorization: `Bearer ${SECRET}`,
    body: { title: "title", body: "text", labels: ["a"] },
    lacking: { body: "text", labels: [] },
    note: { method: "POST", path: "/repos/acme/tickets/issues/1/comments", body: { body: "n" } },
  },
  thehive: {
    path: "/api/v1/case",
    authorization: `Bearer ${SECRET}`,
    body: { title: "title", description: "text", severity: 2, tags: ["a"] },
    lacking: { title: "title", description: "text", severity: 9, tags: [] },
    note: { method: "POST", path: "/api/v1/case/~1/comment", body: { message: "n" } },
  },
};

describe.each(Object.keys(SENT) as OutsideName[])("the stand-in of %s", (system) => {
  const { path, authorization, body, lacking, contentType = "application/json", note } = SENT[system];
  let server: TicketServer;

  beforeEach(async () => {
    server = await startTicketServer(STAND_INS[system]);
  });
  afterEach(() => server.close());

  const send = (to: string, sent: object, method = "POST", proof = authorization, type = contentType) =>
    fetch(server.url + to, {
      method,
      headers: { authorization: proof, "content-type": type, "user-agent": "test" },
      body: JSON.stringify(sent),
    });

  test("lets nobody in with another secret", async () => {
    expect((await send(path, body, "POST", basic(USER, "other"))).status).toBe(401);
    expect((await send(path, body, "POST", "Bearer other")).status).toBe(401);
    expect(server.tickets).toEqual([]);
  });

  test("refuses a ticket that lacks what is required", async () => {
    const { status } = await send(path, lacking);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(server.tickets).toEqual([]);
  });

  test("makes two tickets of one request that comes twice, as the vendor would", async () => {
    expect((await send(path, body)).ok).toBe(true);
    expect((await send(path, body)).ok).toBe(true);
    expect(server.tickets).toHaveLength(2);
  });

  test("keeps a note each time it comes, and none on a ticket that was deleted", async () => {
    await send(path, body);
    for (let time = 0; time < 2; time++) {
      expect((await send(note.path, note.body, note.method, authorization, "application/json")).ok).toBe(true);
    }
    const [ticket] = server.tickets;
    expect(ticket?.notes).toHaveLength(2);
    if (ticket) ticket.isDeleted = true;
    const { status } = await send(note.path, note.body, note.method, authorization, "application/json");
    expect([404, 410]).toContain(status);
    expect(ticket?.notes).toHaveLength(2);
  });

  test("fails when it is told to, before the request is carried out or after", async () => {
    server.fail({ effect: 500 }, { effect: 429, retryAfterSeconds: 3 }, { effect: "reset", isPerformed: true });
    expect((await send(path, body)).status).toBe(500);
    expect((await send(path, body)).headers.get("retry-after")).toBe("3");
    expect(server.tickets).toHaveLength(0);
    await expect(send(path, body)).rejects.toThrow();
    expect(server.tickets).toHaveLength(1);
    expect((await send(path, body)).ok).toBe(true);
  });

  test("cuts every connection while it is down", async () => {
    server.down();
    await expect(send(path, body)).rejects.toThrow();
    expect(server.tickets).toHaveLength(0);
    server.up();
    expect((await send(path, body)).ok).toBe(true);
  });
});
