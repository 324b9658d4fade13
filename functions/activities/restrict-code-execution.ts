import { z } from "zod";
import { ActionComment } from "../../shared/defender/machine-actions/action-comment.ts";
import { adoptOrAsk } from "../../shared/defender/machine-actions/adopt-or-ask.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { MachineAction, markOf } from "../../shared/defender/machine-actions/machine-action.ts";
import { RESTRICTION, takeToAdopt } from "../../shared/defender/machine-actions/opposites.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Lets a machine run only programs that Microsoft has signed.
 *
 * Safe to repeat: a restriction that this run asked for before and has not lifted since, one that is still open, and one
 * in force are adopted, whoever asked for them. While one is being lifted the step is tried again.
 *
 * @returns the machine action, usually still `Pending`
 * @throws DefenderRefusedError `OsPlatformNotSupported` where the system cannot be restricted
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/restrict-code-execution - 100 calls a minute, 1,500 an hour
 */
export const restrictCodeExecution = defineActivity({
  name: "restrictCodeExecution",
  summary: "Lets a machine run only programs that Microsoft has signed.",
  effect: "contain",
  calls: [machineActionCalls.restrictCodeExecution, machineActionCalls.list],
  repeat: "adopts",
  input: z.object({ machineId: MachineId, comment: ActionComment }),
  output: MachineAction.strip(),
  line: "programs",
  machineId: ({ machineId }) => machineId,

  perform: ({ machineId, comment }, { defender: { machineActions } }, { runId }) =>
    adoptOrAsk({
      what: `a restriction of machine ${machineId}`,
      find: async () => {
        const changes = await machineActions.recent(machineId, [RESTRICTION.takes, RESTRICTION.gives]);
        return takeToAdopt(changes, RESTRICTION, runId);
      },
      ask: () => machineActions.restrictCodeExecution(machineId, { comment: `${markOf(runId)} ${comment}` }),
    }),
});
