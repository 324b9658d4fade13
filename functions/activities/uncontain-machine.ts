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
 * Lets the managed machines talk again to one that is not managed. Microsoft's page does not say how a containment ends;
 * it is presumed to end as an isolation does.
 *
 * Safe to repeat: as `releaseMachine`.
 *
 * @returns the release, usually still `Pending`; or the containment that was cancelled, where no other is in force
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/unisolate-machine - 100 calls a minute, 1,500 an hour
 */
export const uncontainMachine = defineActivity({
  name: "uncontainMachine",
  summary: "Lets managed machines talk again to one that is not managed.",
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
      ask: (request) => machineActions.uncontain(machineId, request),
    }),
});
