import type { Row } from "../../state/table.ts";
import { toDefenderTime } from "../../state/timestamp.ts";
import { ApiError } from "../error.ts";
import type { Call, Route } from "../route.ts";

/** Of reads and writes in all, for an app in a tenant: 3,000 writes in 150 seconds. */
const limit = { perMinute: 1_200 };

/** By object id or sign-in name, with what `$select` names. https://learn.microsoft.com/en-us/graph/api/user-get */
const getUser: Route = {
  method: "GET",
  path: "/users/{user}",
  service: "graph",
  roles: ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All"],
  limit,
  perform(call) {
    const user = findUser(call);
    const wanted = call.query.get("$select")?.split(",") ?? ["id", "userPrincipalName", "displayName"];
    const selected = wanted.map((name) => [name, user[name] ?? null]);
    return {
      status: 200,
      body: { "@odata.context": call.context("users/$entity"), ...Object.fromEntries(selected) },
    };
  },
};

/** https://learn.microsoft.com/en-us/graph/api/user-revokesigninsessions */
const revokeSignInSessions: Route = {
  method: "POST",
  path: "/users/{user}/revokeSignInSessions",
  service: "graph",
  roles: ["User.RevokeSessions.All"],
  limit,
  perform(call) {
    const { tenant } = call.simulator;
    const signInSessionsValidFromDateTime = toDefenderTime(tenant.now());
    tenant.tables.put("graphUsers", { ...findUser(call), signInSessionsValidFromDateTime });
    return { status: 200, body: { "@odata.context": call.context("Edm.Boolean"), value: true } };
  },
};

export const graphUserRoutes: readonly Route[] = [getUser, revokeSignInSessions];

function findUser({ simulator, ids: { user = "" } }: Call): Row {
  const { graphUsers } = simulator.tenant.tables;
  const found = graphUsers.get(user) ?? graphUsers.where("userPrincipalName", user)[0];
  if (found) return found;
  throw new ApiError(
    404,
    "Request_ResourceNotFound",
    `Resource '${user}' does not exist or one of its queried reference-property objects are not present.`,
  );
}
