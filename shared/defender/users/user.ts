import { z } from "zod";

/**
 * An account seen on machines. `id` is `domain\\user`.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/user
 */
export const User = z.looseObject({
  id: z.string(),
  accountName: z.string().nullish(),
  accountDomain: z.string().nullish(),
  accountSid: z.string().nullish(),
  firstSeen: z.string().nullish(),
  lastSeen: z.string().nullish(),
  /** Parted by commas, e.g. `Interactive, RemoteInteractive`. */
  logonTypes: z.string().nullish(),
  isDomainAdmin: z.boolean().nullish(),
  isOnlyNetworkUser: z.boolean().nullish(),
});
export type User = z.infer<typeof User>;
