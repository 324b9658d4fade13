import { z } from "zod";

/** `config/policy.yaml`: what may be done to which machines. */
export const Policy = z.strictObject({
  criticalAssets: z
    .strictObject({
      /** Machine tags, compared without regard to case. */
      tags: z.array(z.string().min(1)).default([]),
      /** Machine ids, for the few that carry no tag. */
      machineIds: z.array(z.string().min(1)).default([]),
    })
    .prefault({}),
});
export type Policy = z.infer<typeof Policy>;
