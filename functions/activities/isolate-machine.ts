import { z } from "zod";
import { ActionComment } from "../../shared/defender/machine-actions/action-comment.ts";
import { adoptOrAsk } from "../../shared/defender/machine-actions/adopt-or-ask.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { IsolationType, MachineAction, markOf } from "../../shared/defender/machine-actions/machine-action.ts";
import { ISOLATION, takeToAdopt } from "../../shared/defender/machine-actions/opposites.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Cuts a machine off the network; Defender itself can still reach it.
 *
 * Safe to repeat: an isolation that this run asked for before (its id stands in the comment) and has not released since,
 * one that is still open, and one in force that cuts off at least as much are adopted, whoever asked for them. While a
 * release is under way nothing is asked, as the two could swap; the step is tried again.
 *
 * @returns the machine action, usually still `Pending`
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/isolate-machine - 100 calls a minute, 1,500 an hour
 */
export const isolateMachine = defineActivity({
  name: "isolateMachine",
  summary: "Cuts a machine off the network; Defender itself can still reach it.",
  effect: "contain",
  calls: [machineActionCalls.isolate, machineActionCalls.list],
  repeat: "adopts",
  input: z.object({ machineId: MachineId, isolationType: IsolationType, comment: ActionComment }),
  output: MachineAction.strip(),
  machineId: ({ machineId }) => machineId,

  perform: ({ machineId, isolationType, comment }, { defender: { machineActions } }, { runId }) =>
    adoptOrAsk({
      what: `an isolation of machine ${machineId}`,
      find: async () => {
        const changes = await machineActions.recent(machineId, [ISOLATION.takes, ISOLATION.gives]);
        const cutsOffEnough = ({ scope }: MachineAction) => isolationType === "Selective" || scope !== "Selective";
        return takeToAdopt(changes, ISOLATION, runId, cutsOffEnough);
      },
      ask: () => machineActions.isolate(machineId, { isolationType, comment: `${markOf(runId)} ${comment}` }),
    }),
});
