import type { TicketStore } from "../../shared/tickets/ticket.ts";
import { Problem, registerRoute } from "./http.ts";

/** `GET /api/runs/{id}/ticket` shows the ticket of a run, with its notes. */
export function registerShowTicket(tickets: TicketStore): void {
  registerRoute({
    name: "showTicket",
    method: "GET",
    route: "runs/{id}/ticket",
    async handle(request) {
      const ticket = await tickets.get(request.params.id ?? "");
      if (ticket) return { jsonBody: ticket };
      throw new Problem(404, "This run has no ticket", "It may not have come so far yet; see its steps.");
    },
  });
}
