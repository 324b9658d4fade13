import { z } from "zod";
import { InvestigationState } from "./investigation.ts";

const Milliseconds = z.number().min(0);

/** What the documentation leaves open, or says in two ways, about response actions, live response and investigations. */
export const ResponseSettings = z.strictObject({
  /** A second request while one of its type is open on the machine: refused with 400, or answered with the open one. */
  duplicateActions: z.enum(["refuse", "returnOpen"]),
  /**
   * Isolation and release of one machine, and restriction and its end: one after the other, as they were asked for, or
   * each in its own time, so that an isolation may end after the release that was asked for later.
   */
  competingActions: z.enum(["inOrder", "independent"]),
  /** How long a new machine action cannot be found: 404 by its id, and missing in lists. */
  newActionsVisibleAfterMs: Milliseconds,
  /** How long an investigation takes, from its start. */
  investigationDelays: z.strictObject({ runningAfterMs: Milliseconds, finalAfterMs: Milliseconds }),
  /** What an investigation comes to. `PendingApproval` waits for a person for ever. */
  investigationOutcome: InvestigationState,
  /** Which machines the tenant's settings let live response reach. */
  liveResponse: z.enum(["everywhere", "notOnServers", "off"]),
  /** Machine groups (`rbacGroupName`) without a remediation level, where live response is disallowed. */
  groupsWithoutRemediationLevel: z.array(z.string()),
  /** How many live response sessions a tenant may have at once. */
  liveResponseSessions: z.number().int().positive(),
  /** Whether `Args` must be there for `RunScript`, be it empty. */
  liveResponseNeedsArgs: z.boolean(),
  /** A command that names a file the library does not have: refused with 400, or failed on the machine. */
  unknownLibraryFiles: z.enum(["refuse", "fail"]),
});

export const defaultResponseSettings: z.infer<typeof ResponseSettings> = {
  duplicateActions: "refuse",
  competingActions: "inOrder",
  newActionsVisibleAfterMs: 0,
  investigationDelays: { runningAfterMs: 300, finalAfterMs: 900 },
  investigationOutcome: "Benign",
  liveResponse: "everywhere",
  groupsWithoutRemediationLevel: [],
  liveResponseSessions: 50,
  liveResponseNeedsArgs: false,
  unknownLibraryFiles: "refuse",
};
