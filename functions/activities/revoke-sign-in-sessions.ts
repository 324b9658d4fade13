import { z } from "zod";
import { graphUserCalls } from "../../shared/defender/graph-users/calls.ts";
import { GraphUserId } from "../../shared/defender/graph-users/user.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Has a user sign in anew everywhere: makes refresh tokens and browser sessions worthless that were given out before
 * now, some minutes later. Access tokens stay good until they end, an hour or so. Sessions of guests are those of their own
 * tenant, and go on.
 *
 * Safe to repeat: it moves the moment on from which sessions count.
 *
 * @throws PermanentError `NotRevoked` when Graph says that it did not
 * @throws DefenderRefusedError `Request_ResourceNotFound` when there is no such user
 * @see https://learn.microsoft.com/en-us/graph/api/user-revokesigninsessions - needs `User.RevokeSessions.All`
 */
export const revokeSignInSessions = defineActivity({
  name: "revokeSignInSessions",
  summary: "Has a user of Entra sign in anew everywhere.",
  effect: "write",
  calls: [graphUserCalls.revokeSignInSessions, graphUserCalls.get],
  repeat: "sets",
  input: z.object({ userId: GraphUserId }),
  output: z.object({ revoked: z.literal(true) }),
  pretend: () => ({ revoked: true as const }),
  target: ({ userId }) => `user ${userId}`,
  userId: ({ userId }) => userId,
  noInverse: "The user signs in again: what was ended cannot be given back.",
  async perform({ userId }, { defender }) {
    await defender.graphUsers.revokeSignInSessions(userId);
    return { revoked: true as const };
  },
});
