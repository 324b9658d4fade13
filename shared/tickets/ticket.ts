import { z } from "zod";

/** A note added to a ticket. `key` makes it unique on its ticket, so that a repeated step adds it once. */
export const TicketNote = z.object({ key: z.string().min(1), text: z.string(), at: z.string() });
export type TicketNote = z.infer<typeof TicketNote>;

/** What stands for a ticket that was never opened. */
export const PRETENDED_TICKET = "pretended";

export const TicketStatus = z.enum(["open", "closed"]);
export type TicketStatus = z.infer<typeof TicketStatus>;

/** As a ticket is found: people may have deleted it, where the system lets them. */
export const SeenStatus = z.enum([...TicketStatus.options, "deleted"]);
export type SeenStatus = z.infer<typeof SeenStatus>;

export const Ticket = z.object({
  /** What people quote, e.g. `SEC-4f1c09`. */
  id: z.string(),
  /** What the ticket is about, from the caller; one ticket per key. */
  correlationKey: z.string(),
  title: z.string(),
  description: z.string(),
  severity: z.string(),
  status: SeenStatus,
  openedAt: z.string(),
  notes: z.array(TicketNote),
});
export type Ticket = z.infer<typeof Ticket>;

export const NewTicket = Ticket.pick({ correlationKey: true, title: true, description: true, severity: true });
export type NewTicket = z.infer<typeof NewTicket>;

/** Where tickets live. All methods are safe to repeat: the correlation key and the note's key stand for the effect. */
export interface TicketStore {
  /**
   * Opens a ticket, or returns the one there is under the same correlation key, be it closed. In the place of one that
   * was deleted, another is opened for a run that had no part in it.
   *
   * @param alias another key under which the ticket is found from now on: that of a run which shares it with others
   */
  open(ticket: NewTicket, alias?: string): Promise<Ticket>;
  /** Adds a note unless one with its key is there. @throws PermanentError `TicketNotFound`, `TicketDeleted` */
  addNote(key: string, note: { key: string; text: string }): Promise<Ticket>;
  /** Closes a ticket or opens it again. @throws PermanentError `TicketNotFound`, `TicketDeleted` */
  setStatus(key: string, status: TicketStatus): Promise<Ticket>;
  /** The ticket of a correlation key or an alias, with its status as people left it. */
  get(key: string): Promise<Ticket | undefined>;
}
