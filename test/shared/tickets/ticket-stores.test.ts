import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rowsInMemory } from "../../../local/rows-in-memory.ts";
import { SECRET, STAND_INS, USER } from "../../../local/ticket-systems/stand-ins.ts";
import { startTicketServer, type TicketServer } from "../../../local/ticket-systems/ticket-server.ts";
import { createOutsideSystem } from "../../../shared/tickets/create-ticket-store.ts";
import { createOutsideTicketStore } from "../../../shared/tickets/outside-ticket-store.ts";
import type { OutsideName, TicketSettings } from "../../../shared/tickets/ticket-settings.ts";

const PROJECTS: Partial<Record<OutsideName, string>> = { jira: "SEC", github: "acme/tickets", "azure-devops": "SEC" };
const CLOSED: Record<OutsideName, string> = {
  ...{ servicenow: "7", jira: "Done", "azure-devops": "Closed", github: "closed", thehive: "TruePositive" },
};
const ticket = { correlationKey: "run-1", title: "High: on lab-01", description: "what is known", severity: "High" };
const LONG_AGO_MS = 10 * 60_000;

describe.each(Object.keys(STAND_INS) as OutsideName[])("tickets in %s", (system) => {
  let server: TicketServer;
  let now: number;
  let rows: ReturnType<typeof rowsInMemory>;

  beforeEach(async () => {
    server = await startTicketServer(STAND_INS[system]);
    rows = rowsInMemory();
    now = Date.parse("2026-01-05T09:00:00Z");
  });
  afterEach(() => server.close());

  const storeWith = (
    change: Partial<TicketSettings> = {},
    table: Pick<typeof rows, "get" | "change" | "ofPartition"> = rows,
  ) => {
    const settings = { system, url: server.url, secret: SECRET, user: USER, project: PROJECTS[system] ?? "" };
    const clock = () => new Date(now);
    const outside = createOutsideSystem({ ...settings, priorities: {}, ...change }, clock);
    return createOutsideTicketStore(outside, table, clock);
  };

  test("are opened once under repetition, and found by their alias", async () => {
    const store = storeWith();
    const first = await store.open(ticket, "run-2");
    const again = await store.open(ticket, "run-3");

    expect(again).toEqual(first);
    expect(server.tickets).toHaveLength(1);
    expect(await store.get("run-2")).toMatchObject({ id: first.id, status: "open" });
    expect(await store.get("run-3")).toMatchObject({ id: first.id });
    expect(await store.get("run-9")).toBeUndefined();
  });

  test("are opened once by several who do so at once", async () => {
    const store = storeWith();
    const opened = await Promise.allSettled([1, 2, 3].map(() => store.open(ticket)));

    expect(opened.some(({ status }) => status === "fulfilled")).toBe(true);
    expect(server.tickets).toHaveLength(1);
    expect((await store.open(ticket)).id).toBeTruthy();
    expect(server.tickets).toHaveLength(1);
  });

  test.each([500, "reset"] as const)(
    "are opened once though the answer to the first request was lost (%s)",
    async (effect) => {
      const store = storeWith();
      server.lag();
      server.fail({ effect, isPerformed: true, ...ONLY_CREATE[system] });
      await expect(store.open(ticket)).rejects.toThrow("answer");
      expect(server.tickets).toHaveLength(1);

      await expect(store.open(ticket)).rejects.toThrow("looked for again");
      server.index();
      await store.open(ticket);
      expect(server.tickets).toHaveLength(1);
    },
  );

  test("are opened once though the app dies between the ticket and its own row", async () => {
    const dying = {
      ...rows,
      change: async (changes: Parameters<typeof rows.change>[0]) => {
        const [first] = changes;
        if (first && "insert" in first && first.insert.rowKey === "ticket") throw new Error("died");
        return rows.change(changes);
      },
    };
    await expect(storeWith({}, dying).open(ticket)).rejects.toThrow("died");
    await storeWith().open(ticket);

    expect(server.tickets).toHaveLength(1);
    expect(await storeWith().get("run-1")).toMatchObject({ status: "open" });
  });

  test("are opened after all where the first try came to nothing", async () => {
    const store = storeWith();
    server.fail({ effect: "reset", ...ONLY_CREATE[system] });
    await expect(store.open(ticket)).rejects.toThrow("did not answer");

    now += LONG_AGO_MS;
    await store.open(ticket);
    expect(server.tickets).toHaveLength(1);
  });

  test("take a note once, also where it was added and the answer was lost", async () => {
    const store = storeWith();
    await store.open(ticket);
    await store.addNote("run-1", { key: "run-1 a", text: "first" });
    await store.addNote("run-1", { key: "run-1 a", text: "first" });
    server.fail({ effect: "reset", isPerformed: true, ...ONLY_NOTE[system] });
    await expect(store.addNote("run-1", { key: "run-1 b", text: "second" })).rejects.toThrow("did not answer");
    expect(server.tickets[0]?.notes).toHaveLength(2);
    now += 1_000;
    await store.addNote("run-1", { key: "run-1 b", text: "second" });

    expect(server.tickets[0]?.notes).toHaveLength(2);
    expect((await store.get("run-1"))?.notes.map(({ text }) => text)).toEqual(["first", "second"]);
    await expect(store.addNote("run-9", { key: "a", text: "x" })).rejects.toMatchObject({ code: "TicketNotFound" });
  });

  test("are closed, opened again, and seen as closed where a person did it", async () => {
    const store = storeWith();
    await store.open(ticket);

    expect(await store.setStatus("run-1", "closed")).toMatchObject({ status: "closed" });
    expect(await store.get("run-1")).toMatchObject({ status: "closed" });
    await store.setStatus("run-1", "open");
    expect(await store.get("run-1")).toMatchObject({ status: "open" });

    for (const kept of server.tickets) kept.state = CLOSED[system];
    expect(await store.get("run-1")).toMatchObject({ status: "closed" });
  });

  test("show long and hostile text as text, within what the fields hold", async () => {
    const hostile = "<img src=x onerror=alert(1)> ``` @everyone [code]<b>x</b>[/code] \u202Egnp.exe\n";
    const store = storeWith();
    await store.open({ ...ticket, title: hostile.repeat(20), description: hostile.repeat(2_000) });
    await store.addNote("run-1", { key: "k", text: hostile.repeat(2_000) });

    const [kept] = server.tickets;
    const written = JSON.stringify([kept?.title, kept?.description, kept?.notes]);
    expect(written).not.toContain("\u202E");
    if (system === "azure-devops") expect(JSON.stringify([kept?.description, kept?.notes])).not.toContain("<img");
    if (system === "servicenow") expect(JSON.stringify(kept?.notes)).not.toContain("[code]");
    if (system === "github" || system === "thehive") {
      for (const text of [kept?.description, ...(kept?.notes ?? [])]) expect(text).toMatch(/^````text\n/);
    }
  });

  test("cannot be reached with a wrong secret, and say so without it", async () => {
    const failure = await storeWith({ secret: "wrong-secret" })
      .open(ticket)
      .catch((error) => error);

    expect(failure).toMatchObject({ name: "PermanentError", code: "TicketSystemRefused" });
    expect(failure.message).toContain("Check TICKET_USER and TICKET_SECRET");
    expect(failure.message).not.toContain("wrong-secret");
    expect(failure.message).not.toContain(Buffer.from(`${USER}:wrong-secret`).toString("base64"));
    expect(failure.message).not.toContain(Buffer.from(":wrong-secret").toString("base64"));
  });

  test("are left alone as long as the system asks, and the failure may pass", async () => {
    const store = storeWith();
    server.fail({ effect: 429 });
    await expect(store.open(ticket)).rejects.toMatchObject({ name: "TicketSystemUnavailable", retryAfterMs: 7_000 });

    const before = server.calls();
    now += 6_000;
    await expect(store.open(ticket)).rejects.toMatchObject({ retryAfterMs: 1_000 });
    expect(server.calls()).toBe(before);
    now += LONG_AGO_MS;
    expect(await store.open(ticket)).toMatchObject({ status: "open" });
  });
});

/** Requests that look for a ticket are let through. */
const ONLY_CREATE: Record<OutsideName, { path: RegExp; method: string }> = {
  servicenow: { method: "POST", path: /incident$/ },
  jira: { method: "POST", path: /issue$/ },
  "azure-devops": { method: "POST", path: /workitems/ },
  github: { method: "POST", path: /issues$/ },
  thehive: { method: "POST", path: /case$/ },
};

const ONLY_NOTE: Record<OutsideName, { path: RegExp; method: string }> = {
  servicenow: { method: "PATCH", path: /incident/ },
  jira: { method: "POST", path: /comment$/ },
  "azure-devops": { method: "POST", path: /comments$/ },
  github: { method: "POST", path: /comments$/ },
  thehive: { method: "POST", path: /comment$/ },
};
