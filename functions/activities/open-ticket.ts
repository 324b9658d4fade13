import { defineActivity } from "../../shared/playbook.ts";
import { NewTicket, Ticket } from "../../shared/tickets/ticket.ts";

/** Opens the run's ticket. Safe to repeat: the run id is its correlation key, and the ticket already open is returned. */
export const openTicket = defineActivity({
  name: "openTicket",
  summary: "Opens the run's ticket.",
  effect: "write",
  calls: [],
  repeat: "adopts",
  input: NewTicket.omit({ correlationKey: true }),
  output: Ticket.pick({ id: true }),
  perform: async (ticket, { tickets }, { runId }) => {
    const { id } = await tickets.open({ ...ticket, correlationKey: runId });
    return { id };
  },
});
