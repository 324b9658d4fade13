import { createHash } from "node:crypto";
import { PermanentError } from "../errors.ts";
import type { LazyTable } from "../storage/lazy-table.ts";
import { TicketSystemUnavailable } from "./json-client.ts";
import type { NewTicket, Ticket, TicketStatus, TicketStore } from "./ticket.ts";

/** What a ticket system is asked for. Marks are short words of ours that it keeps in its tickets and notes. */
export interface TicketSystem {
  /** How long after it was made a ticket may still be missed by `find`. */
  findsAfterMs: number;
  find(mark: string): Promise<OutsideId | undefined>;
  create(ticket: NewTicket, mark: string): Promise<OutsideId>;
  readStatus(ref: string): Promise<TicketStatus>;
  setStatus(ref: string, status: TicketStatus): Promise<void>;
  hasNote(ref: string, mark: string): Promise<boolean>;
  addNote(ref: string, text: string, mark: string): Promise<void>;
}

/** How the system itself names a ticket, and how people quote it. */
export interface OutsideId {
  ref: string;
  id: string;
}

type Opened = Omit<Ticket, "status" | "notes" | "correlationKey"> & OutsideId;

const LONGEST_TEXT = 30_000;
const TICKET_ROW = "ticket";
const OPENING_ROW = "opening";
const ALIAS_ROW = "alias";
const NOTE_ROW = "note-";
/** Longer than a request to a ticket system may take. */
const LONGEST_OPENING_MS = 45_000;

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

/**
 * Tickets in a system outside, of which a table of ours knows the names.
 *
 * A row says that a ticket is being opened before it is, so that of several who open it at once one does. After a crash
 * between the ticket and our row of it, it is found by its mark, once the system must have noticed it itself.
 */
export function createOutsideTicketStore(
  system: TicketSystem,
  table: Pick<LazyTable, "get" | "change" | "ofPartition">,
  now: () => Date = () => new Date(),
): TicketStore {
  const keyOf = async (key: string) =>
    (await table.get<{ correlationKey: string }>(key, ALIAS_ROW))?.correlationKey ?? key;

  const openedOf = (correlationKey: string) => table.get<Opened>(correlationKey, TICKET_ROW);

  async function must(key: string) {
    const correlationKey = await keyOf(key);
    const opened = await openedOf(correlationKey);
    if (!opened) throw new PermanentError("TicketNotFound", `No ticket is open for ${key}`);
    return { correlationKey, opened };
  }

  async function whole(correlationKey: string, opened: Opened, status?: TicketStatus): Promise<Ticket> {
    const { id, title, description, severity, openedAt } = opened;
    const rows = await table.ofPartition<{ rowKey: string; key: string; text: string; at: string }>(correlationKey, {
      prefix: NOTE_ROW,
    });
    const notes = rows
      .filter(({ rowKey }) => rowKey.startsWith(NOTE_ROW))
      .map(({ key, text, at }) => ({ key, text, at }))
      .sort((a, b) => a.at.localeCompare(b.at));
    const current = status ?? (await system.readStatus(opened.ref));
    return { id, correlationKey, title, description, severity, openedAt, notes, status: current };
  }

  /** @returns whether the ticket may be there already */
  async function beginOpening(partitionKey: string): Promise<boolean> {
    const row = { partitionKey, rowKey: OPENING_ROW, at: now().toISOString() };
    if (await table.change([{ insert: row }])) return false;
    const other = await table.get<{ at: string }>(partitionKey, OPENING_ROW);
    return other !== undefined;
  }

  async function openOutside(ticket: NewTicket): Promise<OutsideId> {
    const partitionKey = ticket.correlationKey;
    const mark = `pb-${hashOf(partitionKey)}`;
    const mayBeThere = await beginOpening(partitionKey);
    const found = await system.find(mark);
    if (found) return found;
    if (mayBeThere) await takeOver(partitionKey);
    try {
      return await system.create(ticket, mark);
    } catch (error) {
      const wasRefused =
        error instanceof PermanentError || (error instanceof TicketSystemUnavailable && error.wasRefused);
      if (wasRefused) await table.change([{ remove: { partitionKey, rowKey: OPENING_ROW } }]);
      throw error;
    }
  }

  async function takeOver(partitionKey: string): Promise<void> {
    const other = await table.get<{ at: string }>(partitionKey, OPENING_ROW);
    const ageMs = other ? now().getTime() - Date.parse(other.at) : 0;
    const row = { partitionKey, rowKey: OPENING_ROW, at: now().toISOString() };
    const isOver = ageMs > LONGEST_OPENING_MS + system.findsAfterMs;
    if (other && isOver && (await table.change([{ replace: row, etag: other.etag }]))) return;
    throw new TicketSystemUnavailable("The ticket may have been opened a moment ago, and is looked for again", {});
  }

  return {
    async open(ticket, alias) {
      const { correlationKey } = ticket;
      if (alias !== undefined && alias !== correlationKey) {
        await table.change([{ insert: { partitionKey: alias, rowKey: ALIAS_ROW, correlationKey } }]);
      }
      const known = await openedOf(correlationKey);
      if (known) return whole(correlationKey, known);
      const outside = await openOutside(ticket);
      const { title, severity } = ticket;
      const description = ticket.description.slice(0, LONGEST_TEXT);
      const opened = { ...outside, title, severity, description, openedAt: now().toISOString() };
      await table.change([{ insert: { partitionKey: correlationKey, rowKey: TICKET_ROW, ...opened } }]);
      return whole(correlationKey, (await openedOf(correlationKey)) ?? opened);
    },
    async addNote(ticketKey, { key, text }) {
      const { correlationKey, opened } = await must(ticketKey);
      const rowKey = NOTE_ROW + hashOf(key);
      if (!(await table.get(correlationKey, rowKey))) {
        const mark = `note-${hashOf(key)}`;
        if (!(await system.hasNote(opened.ref, mark))) await system.addNote(opened.ref, text, mark);
        const row = { key, text: text.slice(0, LONGEST_TEXT), at: now().toISOString() };
        await table.change([{ insert: { partitionKey: correlationKey, rowKey, ...row } }]);
      }
      return whole(correlationKey, opened);
    },
    async setStatus(ticketKey, status) {
      const { correlationKey, opened } = await must(ticketKey);
      if ((await system.readStatus(opened.ref)) !== status) await system.setStatus(opened.ref, status);
      return whole(correlationKey, opened, status);
    },
    async get(key) {
      const correlationKey = await keyOf(key);
      const opened = await openedOf(correlationKey);
      return opened && whole(correlationKey, opened);
    },
  };
}
