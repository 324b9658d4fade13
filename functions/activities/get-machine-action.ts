import { z } from "zod";
import { nullIfNotFound } from "../../shared/defender/error.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { MachineAction, MachineActionId } from "../../shared/defender/machine-actions/machine-action.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Reads how far a machine action has come.
 *
 * @returns the action, or `null` while Defender does not show it: a new action may be invisible for about two minutes
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineaction-object - 100 calls a minute, 1,500 an hour
 */
export const getMachineAction = defineActivity({
  name: "getMachineAction",
  summary: "Reads how far a machine action has come.",
  effect: "read",
  calls: [machineActionCalls.get],
  repeat: "reads",
  input: z.object({ machineActionId: MachineActionId }),
  output: MachineAction.strip().nullable(),
  perform: ({ machineActionId }, { defender }) => nullIfNotFound(defender.machineActions.get(machineActionId)),
});
