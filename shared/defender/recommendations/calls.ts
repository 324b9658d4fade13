import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { Recommendation } from "./recommendation.ts";

const READ = ["SecurityRecommendation.Read.All"];

/** The calls on security recommendations. */
export const recommendationCalls = {
  list: defineCall({
    name: "recommendations.list",
    method: "GET",
    path: "/api/recommendations",
    permissions: READ,
    page: "get-all-recommendations",
    answer: Page,
  }),
  get: defineCall({
    name: "recommendations.get",
    method: "GET",
    path: "/api/recommendations/{recommendationId}",
    permissions: READ,
    page: "get-recommendation-by-id",
    answer: Recommendation,
  }),
  machines: defineCall({
    name: "recommendations.machines",
    method: "GET",
    path: "/api/recommendations/{recommendationId}/machineReferences",
    permissions: READ,
    page: "get-recommendation-machines",
    answer: Page,
  }),
  vulnerabilities: defineCall({
    name: "recommendations.vulnerabilities",
    method: "GET",
    path: "/api/recommendations/{recommendationId}/vulnerabilities",
    permissions: ["Vulnerability.Read.All"],
    page: "get-recommendation-vulnerabilities",
    answer: Page,
  }),
};
