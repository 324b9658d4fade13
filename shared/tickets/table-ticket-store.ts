import { createHash } from "node:crypto";
import { PermanentError } from "../errors.ts";
import type { LazyTable } from "../storage/lazy-table.ts";
import { Ticket, type TicketStore } from "./ticket.ts";

/** A table property holds at most 64 KiB, that is 32 Ki characters. */
const LONGEST_TEXT = 30_000;
const TICKET_ROW = "ticket";
const NOTE_ROW = "note-";
const ALIAS_ROW = "alias";

/**
 * The built-in ticket store, for teams without a ticket system and for one machine.
 *
 * One partition per ticket: a row for the ticket and a row per note, so that two steps adding notes at once never
 * overwrite each other. An alias is a partition of its own with one row, which names the correlation key.
 */
export function createTableTicketStore(
  table: Pick<LazyTable, "get" | "change" | "ofPartition">,
  now: () => Date = () => new Date(),
): TicketStore {
  async function get(key: string): Promise<Ticket | undefined> {
    const alias = await table.get<{ correlationKey: string }>(key, ALIAS_ROW);
    return ofKey(alias?.correlationKey ?? key);
  }

  async function ofKey(correlationKey: string): Promise<Ticket | undefined> {
    const rows = await table.ofPartition<Record<string, string>>(correlationKey);
    const ticket = rows.find((row) => row.rowKey === TICKET_ROW);
    if (!ticket) return undefined;
    const notes = rows
      .filter((row) => row.rowKey?.startsWith(NOTE_ROW))
      .sort((a, b) => (a.at ?? "").localeCompare(b.at ?? ""));
    return Ticket.parse({ ...ticket, correlationKey, notes });
  }

  return {
    get,
    async open(ticket, alias) {
      if (alias !== undefined && alias !== ticket.correlationKey) {
        const { correlationKey } = ticket;
        await table.change([{ insert: { partitionKey: alias, rowKey: ALIAS_ROW, correlationKey } }]);
      }
      const id = `SEC-${createHash("sha256").update(ticket.correlationKey).digest("hex").slice(0, 8)}`;
      const { correlationKey, ...fields } = ticket;
      const openedAt = now().toISOString();
      const description = ticket.description.slice(0, LONGEST_TEXT);
      const row = { ...fields, description, id, status: "open" as const, openedAt };
      if (await table.change([{ insert: { partitionKey: correlationKey, rowKey: TICKET_ROW, ...row } }])) {
        return { ...row, correlationKey, notes: [] };
      }
      const existing = await ofKey(correlationKey);
      if (!existing) throw new Error(`Ticket ${id} exists but cannot be read`);
      return existing;
    },
    async addNote(ticketKey, { key, text }) {
      const row = { key, text: text.slice(0, LONGEST_TEXT), at: now().toISOString() };
      const ticket = await get(ticketKey);
      if (!ticket) throw new PermanentError("TicketNotFound", `No ticket is open for ${ticketKey}`);
      if (ticket.notes.some((note) => note.key === key)) return ticket;
      const { correlationKey: partitionKey } = ticket;
      const isNew = await table.change([{ insert: { partitionKey, rowKey: `${NOTE_ROW}${key}`, ...row } }]);
      return isNew ? { ...ticket, notes: [...ticket.notes, row] } : ((await ofKey(partitionKey)) ?? ticket);
    },
    async setStatus(ticketKey, status) {
      const ticket = await get(ticketKey);
      if (!ticket) throw new PermanentError("TicketNotFound", `No ticket is open for ${ticketKey}`);
      const { correlationKey, notes, ...fields } = ticket;
      await table.change([{ upsert: { partitionKey: correlationKey, rowKey: TICKET_ROW, ...fields, status } }]);
      return { ...ticket, status };
    },
  };
}
