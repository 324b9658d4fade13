import { z } from "zod";
import { graphIncidentCalls } from "../../shared/defender/graph-incidents/calls.ts";
import { GraphIncident, IncidentId } from "../../shared/defender/graph-incidents/incident.ts";
import { defineActivity } from "../../shared/playbook.ts";

const ReadIncident = GraphIncident.omit({ alerts: true, comments: true }).strip();

/**
 * Reads an incident: title, status, severity, verdict, tags. One that was merged names the other in `redirectIncidentId`.
 *
 * @throws DefenderRefusedError when the incident is unknown
 * @see https://learn.microsoft.com/en-us/graph/api/security-incident-get - 150 calls a minute
 */
export const getIncident = defineActivity({
  name: "getIncident",
  summary: "Reads an incident: title, status, severity, verdict, tags.",
  effect: "read",
  calls: [graphIncidentCalls.get],
  repeat: "reads",
  input: z.object({ incidentId: IncidentId }),
  output: ReadIncident,
  perform: async ({ incidentId }, { defender }) => ReadIncident.parse(await defender.graphIncidents.get(incidentId)),
});
