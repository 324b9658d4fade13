import { z } from "zod";
import { defineCall } from "../call.ts";
import { GRAPH_USERS } from "../limits.ts";
import { GraphUser } from "./user.ts";

/** The calls on users of Entra, by Graph. */
export const graphUserCalls = {
  get: defineCall({
    name: "graphUsers.get",
    service: "graph",
    method: "GET",
    path: "/v1.0/users/{user}",
    permissions: ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All"],
    page: "user-get",
    group: GRAPH_USERS,
    answer: GraphUser,
  }),
  /** Answered with 204 and nothing at times, as older pages say. */
  revokeSignInSessions: defineCall({
    name: "graphUsers.revokeSignInSessions",
    service: "graph",
    method: "POST",
    path: "/v1.0/users/{userId}/revokeSignInSessions",
    permissions: ["User.RevokeSessions.All"],
    page: "user-revokesigninsessions",
    group: GRAPH_USERS,
    answer: z.looseObject({ value: z.boolean().nullish() }).optional(),
  }),
};
