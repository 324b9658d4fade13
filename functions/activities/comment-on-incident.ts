import { z } from "zod";
import { graphIncidentCalls } from "../../shared/defender/graph-incidents/calls.ts";
import { IncidentId } from "../../shared/defender/graph-incidents/incident.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Comments on an incident.
 *
 * Safe to repeat: each comment carries the run id and a key, and one that is there is not written again.
 *
 * @throws DefenderRefusedError when the incident is unknown
 * @see https://learn.microsoft.com/en-us/graph/api/security-incident-post-comments - 150 calls a minute
 */
export const commentOnIncident = defineActivity({
  name: "commentOnIncident",
  summary: "Comments on an incident.",
  effect: "write",
  calls: [graphIncidentCalls.get, graphIncidentCalls.comment],
  repeat: "adopts",
  input: z.object({
    incidentId: IncidentId,
    key: z.string().min(1).describe("Tells the comments of one run apart"),
    comment: z.string().min(1),
  }),
  output: z.object({ written: z.boolean() }),
  pretend: () => ({ written: true }),
  target: ({ incidentId }) => `incident ${incidentId}`,

  async perform({ incidentId, key, comment }, { defender }, { runId }) {
    const mark = `[${runId} ${key}]`;
    const { comments } = await defender.graphIncidents.get(incidentId);
    if (comments?.some((existing) => existing.comment?.includes(mark))) return { written: false };
    await defender.graphIncidents.comment(incidentId, `${comment} ${mark}`);
    return { written: true };
  },
});
