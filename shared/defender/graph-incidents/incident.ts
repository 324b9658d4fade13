import { z } from "zod";
import { GraphAlert, GraphComment } from "../graph-alerts/alert.ts";

/** The number of an incident. Graph writes it as text, the other interfaces as a number. */
export const IncidentId = z
  .string()
  .regex(/^\d{1,20}$/, "an incident id has digits only")
  .brand("IncidentId")
  .describe("The number of an incident");
export type IncidentId = z.infer<typeof IncidentId>;

/**
 * A group of alerts. One that was merged into another names it in `redirectIncidentId`.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/resources/security-incident
 */
export const GraphIncident = z.looseObject({
  id: z.string(),
  displayName: z.string().nullish(),
  description: z.string().nullish(),
  status: z.string().nullish(),
  severity: z.string().nullish(),
  classification: z.string().nullish(),
  determination: z.string().nullish(),
  assignedTo: z.string().nullish(),
  incidentWebUrl: z.string().nullish(),
  redirectIncidentId: z.string().nullish(),
  tenantId: z.string().nullish(),
  createdDateTime: z.string().nullish(),
  lastUpdateDateTime: z.string().nullish(),
  customTags: z.array(z.string()).nullish(),
  systemTags: z.array(z.string()).nullish(),
  comments: z.array(GraphComment).nullish(),
  /** Only where it was asked for. */
  alerts: z.array(GraphAlert).nullish(),
});
export type GraphIncident = z.infer<typeof GraphIncident>;
