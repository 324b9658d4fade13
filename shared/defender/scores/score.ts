import { z } from "zod";

/** @see https://learn.microsoft.com/en-us/defender-endpoint/api/score */
export const Score = z.looseObject({
  time: z.string().nullish(),
  score: z.number().nullish(),
  rbacGroupName: z.string().nullish(),
  rbacGroupId: z.union([z.number(), z.string()]).nullish(),
});
export type Score = z.infer<typeof Score>;
