import { z } from "zod";
import { ActionComment } from "../../shared/defender/machine-actions/action-comment.ts";
import { adoptOrAsk } from "../../shared/defender/machine-actions/adopt-or-ask.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { MachineAction, markOf } from "../../shared/defender/machine-actions/machine-action.ts";
import { ISOLATION, takeToAdopt } from "../../shared/defender/machine-actions/opposites.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Has all managed machines refuse to talk to one that is not managed. A machine that is managed is isolated instead.
 *
 * Safe to repeat: a containment that this run asked for before and has not ended since, one that is still open, and one
 * in force are adopted, whoever asked for them. While one is being ended the step is tried again. Microsoft does not say
 * as what type of machine action a containment is listed; it is looked for among the isolations.
 *
 * @returns the machine action, usually still `Pending`
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/isolate-machine - 100 calls a minute, 1,500 an hour
 */
export const containUnmanagedMachine = defineActivity({
  name: "containUnmanagedMachine",
  summary: "Has all managed machines refuse to talk to one that is not managed.",
  effect: "contain",
  calls: [machineActionCalls.isolate, machineActionCalls.list],
  repeat: "adopts",
  input: z.object({ machineId: MachineId, comment: ActionComment }),
  output: MachineAction.strip(),
  machineId: ({ machineId }) => machineId,

  perform: ({ machineId, comment }, { defender: { machineActions } }, { runId }) =>
    adoptOrAsk({
      what: `a containment of machine ${machineId}`,
      find: async () =>
        takeToAdopt(await machineActions.recent(machineId, [ISOLATION.takes, ISOLATION.gives]), ISOLATION, runId),
      ask: () => machineActions.containUnmanaged(machineId, { comment: `${markOf(runId)} ${comment}` }),
    }),
});
