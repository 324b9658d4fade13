import { z } from "zod";
import { defineActivity } from "../../shared/playbook.ts";
import { NewTicket, PRETENDED_TICKET, Ticket } from "../../shared/tickets/ticket.ts";

/**
 * Opens the run's ticket, or has the run share the one of its incident: then what this run knows is added as a note, and
 * the ticket is opened again where people have closed it.
 *
 * Safe to repeat: the incident, or else the run id, is the correlation key, and the ticket already open is returned. One
 * that people close after the run's note stays closed.
 */
export const openTicket = defineActivity({
  name: "openTicket",
  summary: "Opens the run's ticket, or shares the one of its incident.",
  effect: "write",
  calls: [],
  repeat: "adopts",
  input: NewTicket.omit({ correlationKey: true }).extend({
    incident: z.string().min(1).max(200).optional().describe("Tenant and id of the incident: one ticket for each"),
  }),
  output: Ticket.pick({ id: true }),
  target: ({ title, incident }) => `ticket ${incident ? `of incident ${incident}` : "of the run"}: ${title}`,
  pretend: () => ({ id: PRETENDED_TICKET }),
  perform: async ({ incident, ...ticket }, { tickets }, { runId }) => {
    const correlationKey = incident ? `incident:${incident}` : runId;
    const opened = await tickets.open({ ...ticket, correlationKey }, runId);
    // The store may have cut it.
    const isOthers = !ticket.description.startsWith(opened.description);
    if (!isOthers || opened.notes.some(({ key }) => key === runId)) return { id: opened.id };

    const isClosed = opened.status === "closed";
    if (isClosed) await tickets.setStatus(runId, "open");
    const lines = [
      ticket.title,
      ticket.description,
      ...(isClosed ? ["The ticket was closed, and is open again."] : []),
    ];
    await tickets.addNote(runId, { key: runId, text: lines.join("\n") });
    return { id: opened.id };
  },
});
