import type { rowsInMemory } from "../../local/rows-in-memory.ts";
import { SECRET, STAND_INS, USER } from "../../local/ticket-systems/stand-ins.ts";
import { startTicketServer } from "../../local/ticket-systems/ticket-server.ts";
import { createOutsideSystem } from "../../shared/tickets/create-ticket-store.ts";
import { createOutsideTicketStore } from "../../shared/tickets/outside-ticket-store.ts";
import { createTableTicketStore } from "../../shared/tickets/table-ticket-store.ts";
import type { TicketStore } from "../../shared/tickets/ticket.ts";
import type { OutsideName, TICKET_SYSTEMS, TicketSettings } from "../../shared/tickets/ticket-settings.ts";

type Rows = ReturnType<typeof rowsInMemory>;

/** A place for tickets, with a look behind it. */
export interface KindOfTickets {
  store: TicketStore;
  /** How many tickets there really are. */
  count(): number;
  /** A second passes. */
  pass(): void;
  close(): Promise<void>;
}

/** The settings by which a stand-in lets the app in. */
export const settingsOfStandIn = (system: OutsideName, url: string): TicketSettings => {
  const projects: Partial<Record<OutsideName, string>> = { jira: "SEC", github: "acme/tickets", "azure-devops": "SEC" };
  return { system, url, secret: SECRET, user: USER, project: projects[system] ?? "", priorities: {} };
};

/** Tickets of one kind, outside ones in their stand-in. */
export async function ticketsOf(kind: (typeof TICKET_SYSTEMS)[number], rows: Rows): Promise<KindOfTickets> {
  let nowMs = Date.parse("2026-01-05T09:00:00Z");
  const now = () => new Date(nowMs);
  const pass = () => {
    nowMs += 1_000;
  };
  if (kind === "built-in") {
    let count = 0;
    const change: Rows["change"] = async (changes) => {
      const isDone = await rows.change(changes);
      const isTicket = changes.some((one) => "insert" in one && one.insert.rowKey === "ticket");
      if (isDone && isTicket) count++;
      return isDone;
    };
    const store = createTableTicketStore({ ...rows, change }, now);
    return { store, pass, count: () => count, close: async () => {} };
  }
  const server = await startTicketServer(STAND_INS[kind]);
  const outside = createOutsideSystem(settingsOfStandIn(kind, server.url), now);
  const store = createOutsideTicketStore(outside, rows, now);
  return { store, pass, count: () => server.tickets.length, close: () => server.close() };
}
