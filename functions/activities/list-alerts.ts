import { z } from "zod";
import { alertCalls } from "../../shared/defender/alerts/calls.ts";
import type { AlertProperty } from "../../shared/defender/alerts/client.ts";
import { and, eqEach, ge, instant, UtcTime } from "../../shared/defender/odata/filter.ts";
import { defineListing, ListedAlert } from "./listing.ts";

/**
 * Lists alerts, newest first.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-alerts - 100 calls a minute, 1,500 an hour
 */
export const listAlerts = defineListing({
  name: "listAlerts",
  summary: "Lists alerts, newest first.",
  calls: [alertCalls.list],
  input: z.object({
    status: z.enum(["New", "InProgress", "Resolved"]).optional(),
    severity: z.enum(["Informational", "Low", "Medium", "High"]).optional(),
    category: z.string().optional().describe("e.g. `Ransomware`"),
    assignedTo: z.string().optional().describe("Whom it is assigned to"),
    incidentId: z.int().optional(),
    createdSince: UtcTime.optional(),
    updatedSince: UtcTime.optional(),
  }),
  row: ListedAlert,

  list({ createdSince, updatedSince, ...wanted }, { alerts }, atMost) {
    const filters = eqEach<AlertProperty>(wanted);
    if (createdSince) filters.push(ge("alertCreationTime", instant(createdSince)));
    if (updatedSince) filters.push(ge("lastUpdateTime", instant(updatedSince)));
    return alerts.list({ atMost, ...(filters.length > 0 && { filter: and(...filters) }) });
  },
});
