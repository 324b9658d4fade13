import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { Score } from "./score.ts";

const READ = ["Score.Read.All"];

/** The calls on scores. */
export const scoreCalls = {
  exposure: defineCall({
    name: "scores.exposure",
    method: "GET",
    path: "/api/exposureScore",
    permissions: READ,
    page: "get-exposure-score",
    answer: Score,
  }),
  exposureByGroup: defineCall({
    name: "scores.exposureByGroup",
    method: "GET",
    path: "/api/exposureScore/ByMachineGroups",
    permissions: READ,
    page: "get-machine-group-exposure-score",
    answer: Page,
  }),
  configuration: defineCall({
    name: "scores.configuration",
    method: "GET",
    path: "/api/configurationScore",
    permissions: READ,
    page: "get-device-secure-score",
    answer: Score,
  }),
};
