import { z } from "zod";

/** What an analyst wrote. Incidents were seen with the older names `createdBy` and `createdTime`. */
export const GraphComment = z.looseObject({
  comment: z.string().nullish(),
  createdByDisplayName: z.string().nullish(),
  createdDateTime: z.string().nullish(),
});
export type GraphComment = z.infer<typeof GraphComment>;

/** One thing an alert shows; `@odata.type` ends in its kind, e.g. `deviceEvidence`, and which fields there are follows from it. */
export const GraphEvidence = z.looseObject({
  "@odata.type": z.string().nullish(),
  createdDateTime: z.string().nullish(),
  verdict: z.string().nullish(),
  roles: z.array(z.string()).nullish(),
  detailedRoles: z.array(z.string()).nullish(),
  mdeDeviceId: z.string().nullish(),
  deviceDnsName: z.string().nullish(),
});
export type GraphEvidence = z.infer<typeof GraphEvidence>;

/**
 * An alert of any of Microsoft's security products. Values are spelt small (`truePositive`), in places large.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/resources/security-alert
 */
export const GraphAlert = z.looseObject({
  id: z.string(),
  providerAlertId: z.string().nullish(),
  incidentId: z.string().nullish(),
  status: z.string().nullish(),
  severity: z.string().nullish(),
  classification: z.string().nullish(),
  determination: z.string().nullish(),
  serviceSource: z.string().nullish(),
  detectionSource: z.string().nullish(),
  title: z.string().nullish(),
  description: z.string().nullish(),
  category: z.string().nullish(),
  assignedTo: z.string().nullish(),
  alertWebUrl: z.string().nullish(),
  incidentWebUrl: z.string().nullish(),
  mitreTechniques: z.array(z.string()).nullish(),
  createdDateTime: z.string().nullish(),
  lastUpdateDateTime: z.string().nullish(),
  firstActivityDateTime: z.string().nullish(),
  lastActivityDateTime: z.string().nullish(),
  resolvedDateTime: z.string().nullish(),
  comments: z.array(GraphComment).nullish(),
  evidence: z.array(GraphEvidence).nullish(),
});
export type GraphAlert = z.infer<typeof GraphAlert>;
