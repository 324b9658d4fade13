import { z } from "zod";
import { AccountName } from "../../shared/defender/users/account-name.ts";
import { userCalls } from "../../shared/defender/users/calls.ts";
import { defineListing, ListedAlert } from "./listing.ts";

/**
 * Lists the alerts an account has to do with; none when it was never seen.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-user-related-alerts - 100 calls a minute, 1,500 an hour
 */
export const listUserAlerts = defineListing({
  name: "listUserAlerts",
  summary: "Lists the alerts an account has to do with.",
  calls: [userCalls.alerts],
  input: z.object({ accountName: AccountName.describe("The account name alone: no sign-in name, no domain") }),
  row: ListedAlert,
  list: ({ accountName }, { users }) => users.alerts(accountName),
});
