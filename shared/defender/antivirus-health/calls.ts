import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";

/** The call on antivirus health. The same comes by files in the export `informationGathering`. */
export const antivirusHealthCalls = {
  list: defineCall({
    name: "antivirusHealth.list",
    method: "GET",
    path: "/api/deviceavinfo",
    permissions: ["Machine.Read.All"],
    page: "device-health-export-antivirus-health-report-api",
    answer: Page,
  }),
};
