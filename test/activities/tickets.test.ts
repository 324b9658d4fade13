import { expect, test } from "vitest";
import { addTicketNote } from "../../functions/activities/add-ticket-note.ts";
import { openTicket } from "../../functions/activities/open-ticket.ts";
import { setTicketStatus } from "../../functions/activities/set-ticket-status.ts";
import { rowsInMemory } from "../../local/rows-in-memory.ts";
import type { Services } from "../../shared/services.ts";
import { createTableTicketStore } from "../../shared/tickets/table-ticket-store.ts";

const ask = { title: "High: on lab-01", description: "Isolated for alert 1", severity: "High", incident: "home:7" };

const aDesk = () => {
  const tickets = createTableTicketStore(rowsInMemory());
  const services = { tickets } as unknown as Services;
  return {
    tickets,
    open: (runId: string, change: object = {}) => openTicket.perform({ ...ask, ...change }, services, { runId }),
    note: (runId: string, key: string) => addTicketNote.perform({ key, text: key }, services, { runId }),
    set: (runId: string, status: "open" | "closed") => setTicketStatus.perform({ status }, services, { runId }),
  };
};

test("a run that shares the ticket of its incident adds what it knows, once", async () => {
  const { tickets, open } = aDesk();
  const first = await open("run-1");
  expect(await open("run-2", { description: "Isolated for alert 2" })).toEqual(first);
  await open("run-2", { description: "Isolated for alert 2" });

  const ticket = await tickets.get("run-2");
  expect(ticket?.notes.map(({ text }) => text)).toEqual(["High: on lab-01\nIsolated for alert 2"]);
});

test("a ticket that people have closed is opened again by the next run of the incident, which says so", async () => {
  const { tickets, open, set } = aDesk();
  await open("run-1");
  await set("run-1", "closed");
  await open("run-2", { description: "Isolated for alert 2" });

  const ticket = await tickets.get("run-1");
  expect(ticket?.status).toBe("open");
  expect(ticket?.notes.at(-1)?.text).toContain("was closed, and is open again");
});

test("a ticket that people close after that stays closed, however often the step is repeated", async () => {
  const { tickets, open, set } = aDesk();
  await open("run-1");
  await open("run-2", { description: "Isolated for alert 2" });
  await set("run-1", "closed");
  await open("run-1");
  await open("run-2", { description: "Isolated for alert 2" });

  expect(await tickets.get("run-1")).toMatchObject({ status: "closed" });
});

test("who adds a note hears whether people have closed the ticket", async () => {
  const { open, note, set } = aDesk();
  await open("run-1");
  expect(await note("run-1", "a")).toMatchObject({ status: "open" });
  await set("run-1", "closed");
  expect(await note("run-1", "b")).toMatchObject({ status: "closed" });
});
