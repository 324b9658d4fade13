import { z } from "zod";
import { graphIncidentCalls } from "../../shared/defender/graph-incidents/calls.ts";
import { IncidentId } from "../../shared/defender/graph-incidents/incident.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Sets the status of an incident, whom it is assigned to, and what it turned out to be. Safe to repeat: it sets values.
 *
 * @throws DefenderRefusedError when the incident is unknown
 * @see https://learn.microsoft.com/en-us/graph/api/security-incident-update - 150 calls a minute
 */
export const updateIncident = defineActivity({
  name: "updateIncident",
  summary: "Sets the status of an incident, whom it is assigned to, and what it turned out to be.",
  effect: "write",
  calls: [graphIncidentCalls.update],
  repeat: "sets",
  input: z.object({
    incidentId: IncidentId,
    status: z.enum(["active", "inProgress", "resolved"]).optional(),
    assignedTo: z.string().optional(),
    classification: z.enum(["unknown", "falsePositive", "truePositive", "informationalExpectedActivity"]).optional(),
    determination: z.string().optional().describe("e.g. `malware`; Graph documents two spellings of some"),
  }),
  output: z.object({ status: z.string().nullish() }),
  pretend: ({ status }) => ({ status }),
  target: ({ incidentId }) => `incident ${incidentId}`,
  async perform({ incidentId, ...changes }, { defender }) {
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const { status } = await defender.graphIncidents.update(incidentId, given);
    return { status };
  },
});
