import { z } from "zod";
import { ActionComment } from "../../shared/defender/machine-actions/action-comment.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { giveBack } from "../../shared/defender/machine-actions/give-back.ts";
import { MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import { RESTRICTION } from "../../shared/defender/machine-actions/opposites.ts";
import { pretendedAction } from "../../shared/defender/machine-actions/pretended-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Lets a machine run all programs again.
 *
 * A restriction that has not begun is cancelled, and one that is being carried out is waited for: the step is tried again.
 *
 * Safe to repeat: what this run asked for before, and what is still open, is adopted.
 *
 * @returns the machine action, usually still `Pending`; or the restriction that was cancelled, where no other is in force
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/unrestrict-code-execution - 100 calls a minute, 1,500 an hour
 */
export const unrestrictCodeExecution = defineActivity({
  name: "unrestrictCodeExecution",
  summary: "Lets a machine run all programs again.",
  effect: "release",
  calls: [machineActionCalls.unrestrictCodeExecution, machineActionCalls.cancel, machineActionCalls.list],
  repeat: "adopts",
  input: z.object({ machineId: MachineId, comment: ActionComment }),
  output: MachineAction.strip(),
  line: "programs",
  machineId: ({ machineId }) => machineId,
  pretend: pretendedAction("UnrestrictCodeExecution"),

  perform: ({ machineId, comment }, { defender: { machineActions }, policy }, { runId }) =>
    giveBack({
      machineActions,
      machineId,
      opposites: RESTRICTION,
      comment,
      runId,
      releaseOthers: policy().releaseOthers,
      ask: (request) => machineActions.unrestrictCodeExecution(machineId, request),
    }),
});
