import { z } from "zod";

/**
 * What would make machines safer. `id` is `va-_-vendor-_-product` or `sca-_-scid-n`.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/recommendation
 */
export const Recommendation = z.looseObject({
  id: z.string(),
  productName: z.string().nullish(),
  recommendationName: z.string().nullish(),
  weaknesses: z.number().nullish(),
  vendor: z.string().nullish(),
  recommendedVersion: z.string().nullish(),
  recommendedVendor: z.string().nullish(),
  recommendedProgram: z.string().nullish(),
  recommendationCategory: z.string().nullish(),
  subCategory: z.string().nullish(),
  severityScore: z.number().nullish(),
  publicExploit: z.boolean().nullish(),
  activeAlert: z.boolean().nullish(),
  associatedThreats: z.array(z.string()).nullish(),
  remediationType: z.string().nullish(),
  status: z.string().nullish(),
  configScoreImpact: z.number().nullish(),
  exposureImpact: z.number().nullish(),
  totalMachineCount: z.number().nullish(),
  exposedMachinesCount: z.number().nullish(),
  nonProductivityImpactedAssets: z.number().nullish(),
  relatedComponent: z.string().nullish(),
  hasUnpatchableCve: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
  exposedCriticalDevices: z.number().nullish(),
});
export type Recommendation = z.infer<typeof Recommendation>;
