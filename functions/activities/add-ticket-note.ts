import { z } from "zod";
import { defineActivity } from "../../shared/playbook.ts";
import { PRETENDED_TICKET, SeenStatus, Ticket } from "../../shared/tickets/ticket.ts";

/**
 * Adds a note to the run's ticket, which it may share with other runs.
 *
 * Safe to repeat: a note of the run with the same key is added once.
 *
 * @returns the ticket with its status as people left it
 * @throws PermanentError `TicketNotFound` where none was opened, `TicketDeleted` where it was deleted
 */
export const addTicketNote = defineActivity({
  name: "addTicketNote",
  summary: "Adds a note to the run's ticket.",
  effect: "write",
  calls: [],
  repeat: "adopts",
  input: z.object({
    key: z.string().min(1),
    text: z.string().min(1),
    ofRun: z.string().optional().describe("The run whose ticket it is, where it is another one"),
  }),
  output: Ticket.pick({ id: true }).extend({ status: SeenStatus.optional() }),
  target: ({ key, ofRun }) => `note ${key} on the ticket of ${ofRun ? `run ${ofRun}` : "the run"}`,
  pretend: () => ({ id: PRETENDED_TICKET }),
  perform: async ({ key, text, ofRun }, { tickets }, { runId }) => {
    const { id, status } = await tickets.addNote(ofRun ?? runId, { key: `${runId} ${key}`, text });
    return { id, status };
  },
});
