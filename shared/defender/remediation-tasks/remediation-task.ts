import { z } from "zod";

/**
 * What somebody asked IT to mend.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-remediation-all-activities
 */
export const RemediationTask = z.looseObject({
  id: z.string(),
  title: z.string().nullish(),
  type: z.string().nullish(),
  category: z.string().nullish(),
  /** `Active` or `Completed`. */
  status: z.string().nullish(),
  priority: z.string().nullish(),
  createdOn: z.string().nullish(),
  dueOn: z.string().nullish(),
  statusLastModifiedOn: z.string().nullish(),
  description: z.string().nullish(),
  relatedComponent: z.string().nullish(),
  targetDevices: z.number().nullish(),
  fixedDevices: z.number().nullish(),
  rbacGroupNames: z.array(z.string()).nullish(),
  requesterId: z.string().nullish(),
  requesterEmail: z.string().nullish(),
  requesterNotes: z.string().nullish(),
  completionMethod: z.string().nullish(),
  completerId: z.string().nullish(),
  completerEmail: z.string().nullish(),
  scid: z.string().nullish(),
  productId: z.string().nullish(),
  vendorId: z.string().nullish(),
  nameId: z.string().nullish(),
  productivityImpactRemediationType: z.string().nullish(),
  recommendedVersion: z.string().nullish(),
  recommendedVendor: z.string().nullish(),
  recommendedProgram: z.string().nullish(),
});
export type RemediationTask = z.infer<typeof RemediationTask>;
