import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";

const READ = ["SecurityBaselinesAssessment.Read.All"];

/** The calls on security baselines. How machines compare with them is in `exports/`. */
export const baselineCalls = {
  profiles: defineCall({
    name: "baselines.profiles",
    method: "GET",
    path: "/api/baselineProfiles",
    permissions: READ,
    page: "get-security-baselines-assessment-profiles",
    answer: Page,
  }),
  configurations: defineCall({
    name: "baselines.configurations",
    method: "GET",
    path: "/api/baselineConfigurations",
    permissions: READ,
    page: "get-security-baselines-assessment-configurations",
    answer: Page,
  }),
};
