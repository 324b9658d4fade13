import { z } from "zod";

/**
 * A product in the inventory. `id` is `vendor-_-product`.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-software
 */
export const Software = z.looseObject({
  id: z.string(),
  name: z.string().nullish(),
  vendor: z.string().nullish(),
  weaknesses: z.number().nullish(),
  publicExploit: z.boolean().nullish(),
  activeAlert: z.boolean().nullish(),
  exposedMachines: z.number().nullish(),
  impactScore: z.number().nullish(),
});
export type Software = z.infer<typeof Software>;

/** @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-software-ver-distribution */
export const VersionDistribution = z.looseObject({
  version: z.string().nullish(),
  installations: z.number().nullish(),
  vulnerabilities: z.number().nullish(),
});
export type VersionDistribution = z.infer<typeof VersionDistribution>;
