import { z } from "zod";
import { ActionComment } from "../../shared/defender/machine-actions/action-comment.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { giveBack } from "../../shared/defender/machine-actions/give-back.ts";
import { MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import { ISOLATION } from "../../shared/defender/machine-actions/opposites.ts";
import { pretendedAction } from "../../shared/defender/machine-actions/pretended-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Lets a machine back onto the network; Defender's call is named `unisolate`.
 *
 * An isolation that has not begun is cancelled, so that it cannot take effect after the release, and one that is being
 * carried out is waited for: the step is tried again.
 *
 * Safe to repeat: a release that this run asked for before, and one that is still open, are adopted.
 *
 * @returns the release, usually still `Pending`; or the isolation that was cancelled, where no other is in force
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/unisolate-machine - 100 calls a minute, 1,500 an hour
 */
export const releaseMachine = defineActivity({
  name: "releaseMachine",
  summary: "Lets a machine back onto the network.",
  effect: "release",
  calls: [machineActionCalls.release, machineActionCalls.cancel, machineActionCalls.list],
  repeat: "adopts",
  input: z.object({ machineId: MachineId, comment: ActionComment }),
  output: MachineAction.strip(),
  machineId: ({ machineId }) => machineId,
  pretend: pretendedAction("Unisolate"),

  perform: ({ machineId, comment }, { defender: { machineActions }, policy }, { runId }) =>
    giveBack({
      machineActions,
      machineId,
      opposites: ISOLATION,
      comment,
      runId,
      releaseOthers: policy().releaseOthers,
      ask: (request) => machineActions.release(machineId, request),
    }),
});
