import { z } from "zod";
import { graphUserCalls } from "../../shared/defender/graph-users/calls.ts";
import { GraphUser, UserReference } from "../../shared/defender/graph-users/user.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Reads a user of Entra by object id or sign-in name: exactly that one.
 *
 * @throws DefenderRefusedError `Request_ResourceNotFound` when there is no such user
 * @see https://learn.microsoft.com/en-us/graph/api/user-get - needs `User.Read.All`
 */
export const getGraphUser = defineActivity({
  name: "getGraphUser",
  summary: "Reads a user of Entra by object id or sign-in name.",
  effect: "read",
  calls: [graphUserCalls.get],
  repeat: "reads",
  input: z.object({ user: UserReference.describe("Object id or sign-in name, never the account name alone") }),
  output: GraphUser.strip(),
  perform: ({ user }, { defender }) => defender.graphUsers.get(user),
});
