import { z } from "zod";
import { defineActivity } from "../../shared/playbook.ts";
import { NewTicket, PRETENDED_TICKET, Ticket } from "../../shared/tickets/ticket.ts";

/**
 * Opens the run's ticket, or has the run share the one of its incident: then what this run knows is added as a note.
 *
 * Safe to repeat: the incident, or else the run id, is the correlation key, and the ticket already open is returned.
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
  pretend: () => ({ id: PRETENDED_TICKET }),
  perform: async ({ incident, ...ticket }, { tickets }, { runId }) => {
    const correlationKey = incident ? `incident:${incident}` : runId;
    const opened = await tickets.open({ ...ticket, correlationKey }, runId);
    // The store may have cut it.
    const isOthers = !ticket.description.startsWith(opened.description);
    if (isOthers) await tickets.addNote(runId, { key: runId, text: `${ticket.title}\n${ticket.description}` });
    return { id: opened.id };
  },
});
