import { z } from "zod";
import { ActionComment, AskedAt } from "../../shared/defender/machine-actions/action-comment.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import { RESTRICTION } from "../../shared/defender/machine-actions/opposites.ts";
import { pretendedAction } from "../../shared/defender/machine-actions/pretended-action.ts";
import { callsToTake, takeFrom } from "../../shared/defender/machine-actions/take-from.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Lets a machine run only programs that Microsoft has signed.
 *
 * Safe to repeat: a restriction that this run asked for before and has not lifted since, and one open or in force
 * are adopted, whoever asked for them. A lifting that has not begun is cancelled; while one is being carried out the step
 * is tried again.
 *
 * @returns the machine action, usually still `Pending`
 * @throws PermanentError `Superseded` when it was given back after `askedAt`
 * @throws DefenderRefusedError `OsPlatformNotSupported` where the system cannot be restricted
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/restrict-code-execution - 100 calls a minute, 1,500 an hour
 */
export const restrictCodeExecution = defineActivity({
  name: "restrictCodeExecution",
  summary: "Lets a machine run only programs that Microsoft has signed.",
  effect: "contain",
  calls: [machineActionCalls.restrictCodeExecution, ...callsToTake],
  repeat: "adopts",
  input: z.object({ machineId: MachineId, comment: ActionComment, askedAt: AskedAt.optional() }),
  output: MachineAction.strip(),
  line: "programs",
  machineId: ({ machineId }) => machineId,
  pretend: pretendedAction("RestrictCodeExecution"),

  inverse: ({ machineId }) => ({
    activity: "unrestrictCodeExecution",
    input: { machineId, comment: "Restriction undone" },
  }),
  perform: ({ machineId, comment, askedAt }, { defender: { machineActions } }, { runId }) =>
    takeFrom({
      machineActions,
      machineId,
      opposites: RESTRICTION,
      comment,
      runId,
      askedAt,
      ask: (request) => machineActions.restrictCodeExecution(machineId, request),
    }),
});
