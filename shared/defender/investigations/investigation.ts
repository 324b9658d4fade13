import { z } from "zod";
import { WholeNumber } from "../whole-number.ts";

/** e.g. `63004`. */
export const InvestigationId = z
  .string()
  .regex(/^\d{1,20}$/, "an investigation id is a number")
  .brand("InvestigationId");
export type InvestigationId = z.infer<typeof InvestigationId>;

/**
 * An automated investigation: Defender follows an alert, or a person's request, through a machine's evidence by itself.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/investigation
 */
export const Investigation = z.looseObject({
  id: WholeNumber,
  startTime: z.string().nullish(),
  endTime: z.string().nullish(),
  state: z.string().nullish(),
  cancelledBy: z.string().nullish(),
  statusDetails: z.string().nullish(),
  machineId: z.string().nullish(),
  computerDnsName: z.string().nullish(),
  triggeringAlertId: z.string().nullish(),
});
export type Investigation = z.infer<typeof Investigation>;

/** The states in which an investigation goes on, or waits for a person or for resources. */
export const OPEN_STATES = ["Running", "Queued", "PendingApproval", "PendingResource"] as const;
