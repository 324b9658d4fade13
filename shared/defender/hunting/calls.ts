import { defineCall } from "../call.ts";
import { HuntingAnswer } from "./result.ts";

/** The calls that hunt. Limits of running time come on top of those of calls: the body of a 429 tells which was met. */
export const huntingCalls = {
  graph: defineCall({
    name: "hunting.graph",
    service: "graph",
    method: "POST",
    path: "/v1.0/security/runHuntingQuery",
    permissions: ["ThreatHunting.Read.All"],
    page: "security-security-runhuntingquery",
    timeoutSeconds: 190,
    answer: HuntingAnswer,
  }),
  /** Being retired since January 2026. */
  defender: defineCall({
    name: "hunting.defender",
    method: "POST",
    path: "/api/advancedqueries/run",
    permissions: ["AdvancedQuery.Read.All"],
    page: "run-advanced-query-api",
    timeoutSeconds: 210,
    answer: HuntingAnswer,
  }),
};
