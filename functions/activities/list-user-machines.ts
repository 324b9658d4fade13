import { z } from "zod";
import { AccountName } from "../../shared/defender/users/account-name.ts";
import { userCalls } from "../../shared/defender/users/calls.ts";
import { defineListing, ListedMachine } from "./listing.ts";

/**
 * Lists the machines an account signed in to; none when it was never seen.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-user-related-machines - 100 calls a minute, 1,500 an hour
 */
export const listUserMachines = defineListing({
  name: "listUserMachines",
  summary: "Lists the machines an account signed in to.",
  calls: [userCalls.machines],
  input: z.object({ accountName: AccountName.describe("The account name alone: no sign-in name, no domain") }),
  row: ListedMachine,
  list: ({ accountName }, { users }) => users.machines(accountName),
});
