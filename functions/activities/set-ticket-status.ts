import { z } from "zod";
import { defineActivity } from "../../shared/playbook.ts";
import { PRETENDED_TICKET, Ticket, TicketStatus } from "../../shared/tickets/ticket.ts";

/**
 * Closes the run's ticket, or opens it again.
 *
 * Safe to repeat: it brings about a status.
 *
 * @throws PermanentError `TicketNotFound` where none was opened, `TicketDeleted` where it was deleted
 */
export const setTicketStatus = defineActivity({
  name: "setTicketStatus",
  summary: "Closes the run's ticket, or opens it again.",
  effect: "write",
  calls: [],
  repeat: "sets",
  input: z.object({
    status: TicketStatus,
    ofRun: z.string().optional().describe("The run whose ticket it is, where it is another one"),
  }),
  output: Ticket.pick({ id: true, status: true }),
  target: ({ status, ofRun }) => `ticket of ${ofRun ? `run ${ofRun}` : "the run"}: ${status}`,
  pretend: ({ status }) => ({ id: PRETENDED_TICKET, status }),
  perform: async ({ status, ofRun }, { tickets }, { runId }) => {
    const ticket = await tickets.setStatus(ofRun ?? runId, status);
    return { id: ticket.id, status: ticket.status };
  },
});
