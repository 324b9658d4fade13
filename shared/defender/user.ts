import { z } from "zod";

/** An account seen on a machine. @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-log-on-users */
export const LoggedOnUser = z.object({
  id: z.string(),
  accountName: z.string().nullish(),
  accountDomain: z.string().nullish(),
  lastSeen: z.string().nullish(),
  isDomainAdmin: z.boolean().nullish(),
});
export type LoggedOnUser = z.infer<typeof LoggedOnUser>;
