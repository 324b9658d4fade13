import { z } from "zod";
import type { Row } from "./table.ts";
import { toDefenderTime } from "./timestamp.ts";

/** https://learn.microsoft.com/en-us/defender-endpoint/api/investigation */
export const InvestigationState = z.enum([
  "Unknown",
  "Terminated",
  "SuccessfullyRemediated",
  "Benign",
  "Failed",
  "PartiallyRemediated",
  "Running",
  "PendingApproval",
  "PendingResource",
  "PartiallyInvestigated",
  "TerminatedByUser",
  "TerminatedBySystem",
  "Queued",
  "InnerFailure",
  "PreexistingAlert",
  "UnsupportedOs",
  "UnsupportedAlertType",
  "SuppressedAlert",
]);
export type InvestigationState = z.infer<typeof InvestigationState>;

/** An automated investigation as it is kept: as the API prints it, and how it goes on if it was started here. */
export type InvestigationRecord = Row & { id: string; machineId?: string | null; course?: InvestigationCourse };

/** Settled at the start, in milliseconds since 1970; the state follows from these and the time. */
export interface InvestigationCourse {
  startedAt: number;
  runningAt: number;
  finalAt: number;
  outcome: InvestigationState;
}

/** The page does not say which states are final; these read as if they were not. */
const OPEN_STATES: readonly unknown[] = ["Running", "Queued", "PendingApproval", "PendingResource"];

export const isInvestigationOpen = ({ state }: Row): boolean => OPEN_STATES.includes(state);

/** An investigation as the API prints it at a given time. */
export function investigationAt({ course, ...entity }: InvestigationRecord, now: number): Row {
  const printed: Row = {
    startTime: null,
    endTime: null,
    state: "Unknown",
    cancelledBy: null,
    statusDetails: null,
    machineId: null,
    computerDnsName: null,
    triggeringAlertId: null,
    ...entity,
  };
  if (!course) return printed;
  const { startedAt, runningAt, finalAt, outcome } = course;
  const state = now < runningAt ? "Queued" : now < finalAt ? "Running" : outcome;
  return {
    ...printed,
    state,
    startTime: toDefenderTime(startedAt),
    endTime: isInvestigationOpen({ state }) ? null : toDefenderTime(finalAt),
  };
}
