import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { nullIfNotFound } from "../../shared/defender/error.ts";
import { investigationCalls } from "../../shared/defender/investigations/calls.ts";
import { Investigation, InvestigationId } from "../../shared/defender/investigations/investigation.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Reads how far an automated investigation has come.
 *
 * @param input.id of the investigation, or of the alert that set it off
 * @returns the investigation, or `null` when there is none
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-investigation-object - 100 calls a minute, 1,500 an hour
 */
export const getInvestigation = defineActivity({
  name: "getInvestigation",
  summary: "Reads how far an automated investigation has come.",
  effect: "read",
  calls: [investigationCalls.get],
  repeat: "reads",
  input: z.object({
    id: z.union([InvestigationId, AlertId]).describe("Of the investigation, or of the alert that set it off"),
  }),
  output: Investigation.strip().nullable(),
  perform: ({ id }, { defender: { investigations } }) => nullIfNotFound(investigations.get(id)),
});
