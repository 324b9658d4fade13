import { z } from "zod";
import { DefenderRefusedError, nullIfNotFound } from "../../shared/defender/error.ts";
import { ActionComment } from "../../shared/defender/machine-actions/action-comment.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { leaveToPeople } from "../../shared/defender/machine-actions/leave-to-people.ts";
import {
  isAskedByApp,
  isFinished,
  MachineAction,
  MachineActionId,
  markOf,
} from "../../shared/defender/machine-actions/machine-action.ts";
import { ISOLATION, RESTRICTION } from "../../shared/defender/machine-actions/opposites.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { PermanentError } from "../../shared/errors.ts";
import { defineActivity } from "../../shared/playbook.ts";

/** What to do instead of cancelling what would give something back to a machine: that would contain it, unjudged. */
const INSTEAD: Readonly<Record<string, string>> = {
  [ISOLATION.gives]: "isolate the machine instead",
  [RESTRICTION.gives]: "restrict the machine instead",
};

/** What takes something from a machine, by its type. */
const TAKEN: ReadonlyMap<string, string> = new Map([ISOLATION, RESTRICTION].map(({ takes, noun }) => [takes, noun]));

/**
 * Takes back a machine action that has not ended.
 *
 * Safe to repeat: one that has ended, cancelled or otherwise, is returned as it is. One that Defender does not show yet
 * is tried again, as a new action may be invisible for about two minutes.
 *
 * @returns the machine action; its status says whether it was cancelled in time
 * @throws PermanentError `WrongMachine` when the action belongs to another machine than the policy was asked about;
 * `WouldContain` for an open release, as without it the machine stays cut off: isolating it again cancels the release
 * `NeedsApproval` for an isolation or restriction that somebody else has asked for
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/cancel-machine-action - 100 calls a minute, 1,500 an hour
 */
export const cancelMachineAction = defineActivity({
  name: "cancelMachineAction",
  summary: "Takes back a machine action that has not ended.",
  effect: "release",
  calls: [machineActionCalls.cancel, machineActionCalls.get],
  repeat: "sets",
  input: z.object({ machineId: MachineId, machineActionId: MachineActionId, comment: ActionComment }),
  output: MachineAction.strip(),
  machineId: ({ machineId }) => machineId,
  pretend: ({ machineId, machineActionId }) => ({ id: machineActionId, machineId, status: "Cancelled" }),

  async perform({ machineId, machineActionId, comment }, { defender: { machineActions }, policy }, { runId }) {
    const action = await nullIfNotFound(machineActions.get(machineActionId));
    if (!action?.machineId) throw new Error(`Defender does not show yet what machine action ${machineActionId} is`);
    if (action.machineId.toLowerCase() !== machineId) {
      throw new PermanentError("WrongMachine", `Machine action ${machineActionId} is not one of machine ${machineId}`);
    }
    if (isFinished(action)) return action;
    const taken = TAKEN.get(action.type ?? "");
    if (taken && policy().releaseOthers === "ask" && !isAskedByApp(action)) leaveToPeople(action, taken);
    const instead = INSTEAD[action.type ?? ""];
    if (instead)
      throw new PermanentError(
        "WouldContain",
        `To cancel ${action.type} is to contain the machine, which the policy has to judge: ${instead}`,
      );
    try {
      return await machineActions.cancel(machineActionId, { comment: `${markOf(runId)} ${comment}` });
    } catch (error) {
      if (!(error instanceof DefenderRefusedError)) throw error;
      const now = await machineActions.get(machineActionId);
      if (isFinished(now)) return now;
      throw error;
    }
  },
});
