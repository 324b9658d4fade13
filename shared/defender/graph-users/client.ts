import { PermanentError } from "../../errors.ts";
import type { Send } from "../send.ts";
import { graphUserCalls } from "./calls.ts";
import type { GraphUserId, UserReference } from "./user.ts";

/** Graph leaves out `userType` and `accountEnabled` unless they are asked for. */
const SELECTED = "id,userPrincipalName,displayName,userType,accountEnabled";

/** Reads users of Entra and ends their sessions, by Graph. */
export const createGraphUsers = (send: Send) => ({
  /** @throws DefenderNotFoundError when there is no such user */
  get: (user: UserReference) => send(graphUserCalls.get, { ids: { user }, query: { $select: SELECTED } }),

  /**
   * Makes refresh tokens and browser sessions of a user worthless that were given out before now. Safe to repeat: it
   * moves that moment on.
   *
   * @throws PermanentError `NotRevoked` when Graph says that it did not
   */
  async revokeSignInSessions(userId: GraphUserId): Promise<void> {
    const answer = await send(graphUserCalls.revokeSignInSessions, { ids: { userId } });
    if (answer?.value === false) throw new PermanentError("NotRevoked", "Graph answered that it has not revoked them");
  },
});
