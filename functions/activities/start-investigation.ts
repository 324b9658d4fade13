import { z } from "zod";
import { investigationCalls } from "../../shared/defender/investigations/calls.ts";
import { Investigation } from "../../shared/defender/investigations/investigation.ts";
import { ActionComment } from "../../shared/defender/machine-actions/action-comment.ts";
import { adoptOrAsk } from "../../shared/defender/machine-actions/adopt-or-ask.ts";
import { markOf } from "../../shared/defender/machine-actions/machine-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Has Defender investigate a machine by itself.
 *
 * Safe to repeat: the newest investigation of the machine that has not ended is adopted, whoever started it, as an
 * investigation does not show the comment it was asked for with. One that ends between two tries is started once more.
 *
 * @returns the investigation
 * @throws DefenderRefusedError `OsPlatformNotSupported` where the system cannot be investigated
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/initiate-autoir-investigation - 50 calls an hour
 */
export const startInvestigation = defineActivity({
  name: "startInvestigation",
  summary: "Has Defender investigate a machine by itself.",
  effect: "collect",
  calls: [investigationCalls.start, investigationCalls.list],
  repeat: "adopts",
  input: z.object({ machineId: MachineId, comment: ActionComment }),
  output: Investigation.strip(),
  machineId: ({ machineId }) => machineId,
  pretend: ({ machineId }) => ({ id: 0, machineId, state: "SuccessfullyRemediated" }),

  perform: ({ machineId, comment }, { defender: { investigations } }, { runId }) =>
    adoptOrAsk({
      what: `an investigation of machine ${machineId}`,
      find: () => investigations.newestOpen(machineId),
      ask: () => investigations.start(machineId, { comment: `${markOf(runId)} ${comment}` }),
    }),
});
