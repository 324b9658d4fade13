import { z } from "zod";

/**
 * The account name alone, e.g. `user1`. Given a sign-in name or `domain\user`, Defender would say without any complaint
 * that nothing is known.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-user-related-machines
 */
export const AccountName = z
  .string()
  .min(1)
  .regex(
    /^(?!\.{1,2}$)[^@\\/]*$/,
    "users are found by account name alone, such as user1: not user1@contoso.com, not CONTOSO\\user1",
  )
  .brand("AccountName");
export type AccountName = z.infer<typeof AccountName>;
