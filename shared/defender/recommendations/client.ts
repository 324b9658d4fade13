import { MachineReference } from "../machines/machine-reference.ts";
import { type ListQuery, linkedRowsOf, rowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { Vulnerability } from "../vulnerabilities/vulnerability.ts";
import { recommendationCalls } from "./calls.ts";
import { Recommendation } from "./recommendation.ts";

/** What `$filter` on recommendations may name. */
export type RecommendationProperty =
  | "id"
  | "productName"
  | "vendor"
  | "recommendedVersion"
  | "recommendationCategory"
  | "subCategory"
  | "severityScore"
  | "remediationType"
  | "recommendedProgram"
  | "recommendedVendor"
  | "status";

/** Reads security recommendations. */
export const createRecommendations = (send: Send) => ({
  list: (query: ListQuery<RecommendationProperty> = {}) =>
    rowsOf(send, recommendationCalls.list, {}, query, { row: Recommendation }),

  get: (recommendationId: string) => send(recommendationCalls.get, { ids: { recommendationId } }),

  machines: (recommendationId: string) =>
    linkedRowsOf(send, recommendationCalls.machines, { ids: { recommendationId } }, { row: MachineReference }),

  vulnerabilities: (recommendationId: string) =>
    linkedRowsOf(send, recommendationCalls.vulnerabilities, { ids: { recommendationId } }, { row: Vulnerability }),
});
