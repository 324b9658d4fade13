import { z } from "zod";

/**
 * A profile that machines are measured against.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-security-baselines-assessment-profiles
 */
export const BaselineProfile = z.looseObject({ id: z.string(), name: z.string().nullish() });
export type BaselineProfile = z.infer<typeof BaselineProfile>;

/**
 * A setting in a benchmark. `id` is its number there, which other benchmarks have too: `uniqueId` tells them apart.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-security-baselines-assessment-configurations
 */
export const BaselineConfiguration = z.looseObject({
  id: z.string().nullish(),
  uniqueId: z.string().nullish(),
  benchmarkName: z.string().nullish(),
  benchmarkVersion: z.string().nullish(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  category: z.string().nullish(),
  isCustom: z.boolean().nullish(),
});
export type BaselineConfiguration = z.infer<typeof BaselineConfiguration>;
