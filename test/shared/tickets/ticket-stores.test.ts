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
    server.fail({ effect: "reset", isPerformed: true, ...ONLY_NOTE[system] });
    await expect(store.addNote("run-1", { key: "run-1 b", text: "second" })).rejects.toThrow("did not answer");
    expect(server.tickets[0]?.notes).toHaveLength(1);
    expect(await store.get("run-1")).toMatchObject({ notes: [] });
    await store.addNote("run-1", { key: "run-1 b", text: "second" });

    expect(server.tickets[0]?.notes).toHaveLength(1);
    expect((await store.get("run-1"))?.notes.map(({ text }) => text)).toEqual(["second"]);
  });

  test("have a note looked for among many, and do not get it twice", async () => {
    const store = storeWith();
    await store.open(ticket);
    server.fail({ effect: "reset", isPerformed: true, ...ONLY_NOTE[system] });
    await expect(store.addNote("run-1", { key: "k", text: "ours" })).rejects.toThrow("did not answer");
    const notes = server.tickets[0]?.notes ?? [];
    const [ours] = notes.splice(0);
    notes.push(...Array.from({ length: 250 }, (_, place) => bodyLike(ours, place)), ours);
    notes.push(...Array.from({ length: 120 }, (_, place) => bodyLike(ours, place)));
    await store.addNote("run-1", { key: "k", text: "ours" });

    expect(notes).toHaveLength(371);
  });

  test("get a note once that two steps add at once; one of them comes again later", async () => {
    const store = storeWith();
    await store.open(ticket);
    const adding = () => store.addNote("run-1", { key: "k", text: "the same" });
    const both = await Promise.allSettled([adding(), adding()]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await adding();

    expect(server.tickets[0]?.notes).toHaveLength(1);
  });

  test("get a note whose step died on the way, once that must be over", async () => {
    const dying = {
      ...rows,
      change: async (changes: Parameters<typeof rows.change>[0]) => {
        const [first] = changes;
        if (first && "upsert" in first && first.upsert.rowKey.startsWith("note-")) throw new Error("died");
        return rows.change(changes);
      },
    };
    await storeWith().open(ticket);
    const note = { key: "k", text: "the same" };
    await expect(storeWith({}, dying).addNote("run-1", note)).rejects.toThrow("died");
    await expect(storeWith().addNote("run-1", note)).rejects.toThrow("looked for again");
    now += LONG_AGO_MS;
    await storeWith().addNote("run-1", note);

    expect(server.tickets[0]?.notes).toHaveLength(1);
  });

  test("are seen as closed where a person did it", async () => {
    const store = storeWith();
    await store.open(ticket);
    for (const kept of server.tickets) kept.state = CLOSED[system];
    expect(await store.get("run-1")).toMatchObject({ status: "closed" });
    expect(await store.addNote("run-1", { key: "k", text: "x" })).toMatchObject({ status: "closed" });
  });

  test("are seen as deleted where a person did it; another is opened only for a run that had no part in it", async () => {
    const store = storeWith();
    await store.open(ticket, "run-2");
    const [first] = server.tickets;
    if (first) first.isDeleted = true;

    expect(await store.get("run-1")).toMatchObject({ status: "deleted" });
    expect(await store.open(ticket, "run-2")).toMatchObject({ status: "deleted" });
    const failure = { code: "TicketDeleted", message: expect.stringContaining("was deleted") };
    await expect(store.addNote("run-1", { key: "k", text: "x" })).rejects.toMatchObject(failure);
    await expect(store.setStatus("run-1", "closed")).rejects.toMatchObject(failure);
    expect(server.tickets).toHaveLength(1);

    const [one, other] = await Promise.allSettled([store.open(ticket, "run-3"), store.open(ticket, "run-4")]);
    expect([one?.status, other?.status]).toContain("fulfilled");
    await store.open(ticket, "run-4");
    expect(server.tickets).toHaveLength(2);
    expect(await store.get("run-2")).toMatchObject({ status: "open" });
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
    if (system === "servicenow") expect(failure.message).toContain("User Not Authenticated: playbooks:***");
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

/** A note of somebody else, as the system keeps notes. */
const bodyLike = (note: unknown, place: number): unknown =>
  typeof note === "string" ? `note ${place}` : { type: "doc", version: 1, content: [], place };

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

test("an issue that lies beyond the newest hundred is found, and no further back than it can be", async () => {
  await using server = await startTicketServer(STAND_INS.github);
  const outside = createOutsideSystem({
    ...{ system: "github", url: server.url, secret: SECRET, user: "", project: "acme/tickets", priorities: {} },
  });
  const severity = "High";
  const open = (title: string, mark: string) =>
    outside.create({ correlationKey: "", title, description: "d", severity }, mark);
  const ours = await open("ours", "pb-ours");
  for (let place = 0; place < 250; place++) await open(`other ${place}`, `pb-${place}`);

  const before = server.calls();
  expect(await outside.find("pb-ours", new Date(Date.now() - 60_000))).toEqual(ours);
  expect(server.calls() - before).toBe(3);
  expect(await outside.find("pb-ours", new Date(Date.now() + 60_000))).toBeUndefined();
  expect(server.calls() - before).toBe(4);
});
