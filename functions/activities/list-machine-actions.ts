import { z } from "zod";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { eq } from "../../shared/defender/odata/filter.ts";
import { allOf } from "../../shared/defender/odata/list.ts";
import { defineActivity } from "../../shared/playbook.ts";

const MOST_ACTIONS = 100;

/**
 * Lists what Defender was asked to do on a machine, whoever asked for it: the 100 newest, as Defender sorts them. Live
 * response sessions that a person held in the portal are not among them.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineactions-collection - 100 calls a minute, 1,500 an hour
 */
export const listMachineActions = defineActivity({
  name: "listMachineActions",
  summary: "Lists what Defender was asked to do on a machine, the 100 newest.",
  effect: "read",
  calls: [machineActionCalls.list],
  repeat: "reads",
  input: z.object({ machineId: MachineId }),
  output: z.array(MachineAction.omit({ commands: true }).strip()),
  perform: ({ machineId }, { defender: { machineActions } }) =>
    allOf(machineActions.list({ filter: eq("machineId", machineId), atMost: MOST_ACTIONS })),
});
