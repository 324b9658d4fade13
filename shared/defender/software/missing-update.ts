import { z } from "zod";

/**
 * A security update that is not installed; `id` is the number of its KB article.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-missing-kbs-machine
 */
export const MissingUpdate = z.looseObject({
  id: z.string(),
  name: z.string().nullish(),
  productsNames: z.array(z.string()).nullish(),
  url: z.string().nullish(),
  machineMissedOn: z.number().nullish(),
  cveAddressed: z.number().nullish(),
});
export type MissingUpdate = z.infer<typeof MissingUpdate>;
