import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rowsInMemory } from "../../../local/rows-in-memory.ts";
import type { TicketStore } from "../../../shared/tickets/ticket.ts";
import { TICKET_SYSTEMS } from "../../../shared/tickets/ticket-settings.ts";
import { type KindOfTickets, ticketsOf } from "../../helpers/tickets.ts";

const ticket = { correlationKey: "run-1", title: "High: on lab-01", description: "what is known", severity: "High" };

describe.each(TICKET_SYSTEMS)("tickets that are %s", (kind) => {
  let there: KindOfTickets;
  let store: TicketStore;

  beforeEach(async () => {
    there = await ticketsOf(kind, rowsInMemory());
    store = there.store;
  });
  afterEach(() => there.close());

  test("are opened once under repetition, and found by each of their aliases", async () => {
    const first = await store.open(ticket, "run-2");
    expect(first).toMatchObject({ ...ticket, status: "open", notes: [] });
    expect(await store.open({ ...ticket, title: "another" }, "run-3")).toEqual(first);

    expect(await store.get("run-1")).toEqual(first);
    expect(await store.get("run-2")).toEqual(first);
    expect(await store.get("run-3")).toEqual(first);
    expect(await store.get("run-9")).toBeUndefined();
    expect(there.count()).toBe(1);
  });

  test("are opened once by several who do so at once", async () => {
    const opened = await Promise.allSettled([1, 2, 3].map(() => store.open(ticket)));
    expect(opened.some(({ status }) => status === "fulfilled")).toBe(true);
    await store.open(ticket);
    expect(there.count()).toBe(1);
  });

  test("take a note once for each key, in the order in which they came", async () => {
    await store.open(ticket, "run-2");
    await store.addNote("run-2", { key: "run-2 a", text: "first" });
    there.pass();
    await store.addNote("run-1", { key: "run-1 a", text: "second" });
    await store.addNote("run-2", { key: "run-2 a", text: "first, said again" });

    expect((await store.get("run-1"))?.notes.map(({ text }) => text)).toEqual(["first", "second"]);
  });

  test("take a note once that two steps add at once", async () => {
    await store.open(ticket);
    const adding = () => store.addNote("run-1", { key: "k", text: "the same" });
    await Promise.allSettled([adding(), adding(), adding()]);
    expect((await adding()).notes).toHaveLength(1);
  });

  test("are closed and opened again, and show it", async () => {
    await store.open(ticket, "run-2");
    expect(await store.setStatus("run-2", "closed")).toMatchObject({ status: "closed" });
    expect(await store.setStatus("run-2", "closed")).toMatchObject({ status: "closed" });
    expect(await store.get("run-1")).toMatchObject({ status: "closed" });
    expect(await store.open(ticket, "run-3")).toMatchObject({ status: "closed" });
    expect(await store.setStatus("run-1", "open")).toMatchObject({ status: "open" });
    expect(await store.get("run-2")).toMatchObject({ status: "open" });
  });

  test("that were never opened can neither be noted on nor closed", async () => {
    await expect(store.addNote("run-9", { key: "a", text: "x" })).rejects.toMatchObject({ code: "TicketNotFound" });
    await expect(store.setStatus("run-9", "closed")).rejects.toMatchObject({ code: "TicketNotFound" });
  });
});
