import { z } from "zod";

/** How far statistics look back. @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-statistics */
export const LookBack = z.object({
  lookBackHours: z.int().min(1).max(720).optional().describe("How many hours to look back; 720 if left out"),
});
export type LookBack = z.infer<typeof LookBack>;

export const lookBackQuery = ({ lookBackHours }: LookBack) =>
  lookBackHours === undefined ? {} : { lookBackHours: String(lookBackHours) };
