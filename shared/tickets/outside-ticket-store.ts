import { createHash } from "node:crypto";
import { PermanentError } from "../errors.ts";
import type { LazyTable } from "../storage/lazy-table.ts";
import { TicketSystemRefused, TicketSystemUnavailable } from "./json-client.ts";
import { createOutsideNotes } from "./outside-notes.ts";
import type { NewTicket, SeenStatus, Ticket, TicketStatus, TicketStore } from "./ticket.ts";

/** What a ticket system is asked for. Marks are short words of ours that it keeps in its tickets and notes. */
export interface TicketSystem {
  /** How long after it was made a ticket may still be missed by `find`. */
  findsAfterMs: number;
  /** @param since no ticket of ours is older than that */
  find(mark: string, since: Date): Promise<OutsideId | undefined>;
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

/** `at`: when it was last tried; `since`: when it was first. */
interface Opening {
  at: string;
  since?: string;
}

export const LONGEST_TEXT = 30_000;
const TICKET_ROW = "ticket";
const OPENING_ROW = "opening";
const ALIAS_ROW = "alias";
/** Longer than a request to a ticket system may take. */
export const LONGEST_REQUEST_MS = 45_000;
/** By how much the clock of a ticket system may be behind. */
const CLOCKS_APART_MS = 3_600_000;

export const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

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
  const notes = createOutsideNotes(system, table, now);

  const keyOf = async (key: string) =>
    (await table.get<{ correlationKey: string }>(key, ALIAS_ROW))?.correlationKey ?? key;

  const openedOf = (correlationKey: string) => table.get<Opened>(correlationKey, TICKET_ROW);

  async function must(key: string) {
    const correlationKey = await keyOf(key);
    const opened = await openedOf(correlationKey);
    if (!opened) throw new PermanentError("TicketNotFound", `No ticket is open for ${key}`);
    return { correlationKey, opened };
  }

  async function statusOf({ ref }: Opened): Promise<SeenStatus> {
    try {
      return await system.readStatus(ref);
    } catch (error) {
      if (isGone(error)) return "deleted";
      throw error;
    }
  }

  async function whole(correlationKey: string, opened: Opened, seen?: SeenStatus): Promise<Ticket> {
    const { id, title, description, severity, openedAt } = opened;
    const status = seen ?? (await statusOf(opened));
    return {
      ...{ id, correlationKey, title, description, severity, openedAt, status },
      notes: await notes.all(correlationKey),
    };
  }

  const openingOf = (partitionKey: string) => table.get<Opening>(partitionKey, OPENING_ROW);

  async function openOutside(ticket: NewTicket): Promise<OutsideId> {
    const partitionKey = ticket.correlationKey;
    const at = now().toISOString();
    const row = { partitionKey, rowKey: OPENING_ROW, at, since: at };
    const isFirst = await table.change([{ insert: row }]);
    const since = isFirst ? at : sinceOf(await openingOf(partitionKey), at);
    const found = await system.find(markOf(partitionKey), new Date(Date.parse(since) - CLOCKS_APART_MS));
    if (found) return found;
    if (!isFirst) await takeOver(partitionKey);
    return create(ticket);
  }

  async function create(ticket: NewTicket): Promise<OutsideId> {
    const partitionKey = ticket.correlationKey;
    try {
      return await system.create(ticket, markOf(partitionKey));
    } catch (error) {
      const wasRefused =
        error instanceof PermanentError || (error instanceof TicketSystemUnavailable && error.wasRefused);
      if (wasRefused) await table.change([{ remove: { partitionKey, rowKey: OPENING_ROW } }]);
      throw error;
    }
  }

  async function takeOver(partitionKey: string): Promise<void> {
    const other = await openingOf(partitionKey);
    const at = now();
    const ageMs = other ? at.getTime() - Date.parse(other.at) : 0;
    const row = { partitionKey, rowKey: OPENING_ROW, at: at.toISOString(), since: sinceOf(other, at.toISOString()) };
    const isOver = ageMs > LONGEST_REQUEST_MS + system.findsAfterMs;
    if (other && isOver && (await table.change([{ replace: row, etag: other.etag }]))) return;
    throw new TicketSystemUnavailable("The ticket may have been opened a moment ago, and is looked for again", {});
  }

  /** Opens another one in the place of a ticket that people have deleted: of several who do so at once, one. */
  async function openAnew(ticket: NewTicket): Promise<OutsideId> {
    const partitionKey = ticket.correlationKey;
    const opening = await openingOf(partitionKey);
    const at = now().toISOString();
    const row = { partitionKey, rowKey: OPENING_ROW, at, since: at };
    const again = opening ? { replace: row, etag: opening.etag } : { insert: row };
    if (await table.change([again, { remove: { partitionKey, rowKey: TICKET_ROW } }])) return create(ticket);
    throw new TicketSystemUnavailable("Another run opens the ticket anew, and it is looked for again", {});
  }

  async function noteOpened(ticket: NewTicket, outside: OutsideId): Promise<Opened> {
    const { correlationKey, title, severity } = ticket;
    const description = ticket.description.slice(0, LONGEST_TEXT);
    const opened = { ...outside, title, severity, description, openedAt: now().toISOString() };
    await table.change([{ insert: { partitionKey: correlationKey, rowKey: TICKET_ROW, ...opened } }]);
    return (await openedOf(correlationKey)) ?? opened;
  }

  return {
    async open(ticket, alias = ticket.correlationKey) {
      const { correlationKey } = ticket;
      const isOthers = alias !== correlationKey && !(await table.get(alias, ALIAS_ROW));
      const known = await openedOf(correlationKey);
      const status = known && (await statusOf(known));
      const isToBeOpened = !known || (isOthers && status === "deleted");
      const opened = isToBeOpened ? await noteOpened(ticket, await (known ? openAnew : openOutside)(ticket)) : known;
      if (isOthers) await table.change([{ insert: { partitionKey: alias, rowKey: ALIAS_ROW, correlationKey } }]);
      return whole(correlationKey, opened, isToBeOpened ? undefined : status);
    },
    async addNote(ticketKey, note) {
      const { correlationKey, opened } = await must(ticketKey);
      try {
        await notes.add(correlationKey, opened.ref, note);
      } catch (error) {
        throw isGone(error) ? gone(opened) : error;
      }
      return whole(correlationKey, opened);
    },
    async setStatus(ticketKey, status) {
      const { correlationKey, opened } = await must(ticketKey);
      const seen = await statusOf(opened);
      if (seen === "deleted") throw gone(opened);
      if (seen !== status) await system.setStatus(opened.ref, status);
      return whole(correlationKey, opened, status);
    },
    async get(key) {
      const correlationKey = await keyOf(key);
      const opened = await openedOf(correlationKey);
      return opened && whole(correlationKey, opened);
    },
  };
}

const markOf = (correlationKey: string): string => `pb-${hashOf(correlationKey)}`;

/** Rows of earlier builds know only when it was last tried. */
const sinceOf = (opening: Opening | undefined, at: string): string => opening?.since ?? opening?.at ?? at;

const isGone = (error: unknown): boolean => error instanceof TicketSystemRefused && [404, 410].includes(error.status);

const gone = ({ id }: Opened): PermanentError =>
  new PermanentError(
    "TicketDeleted",
    `The ticket ${id} is not there any more: it was deleted, or the account of TICKET_SECRET may not see it`,
  );
