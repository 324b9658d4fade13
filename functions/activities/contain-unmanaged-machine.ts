import { z } from "zod";
import { ActionComment, AskedAt } from "../../shared/defender/machine-actions/action-comment.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import { ISOLATION } from "../../shared/defender/machine-actions/opposites.ts";
import { pretendedAction } from "../../shared/defender/machine-actions/pretended-action.ts";
import { callsToTake, takeFrom } from "../../shared/defender/machine-actions/take-from.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Has all managed machines refuse to talk to one that is not managed. A machine that is managed is isolated instead.
 *
 * Safe to repeat: a containment that this run asked for before and has not ended since, and one open or in force
 * are adopted, whoever asked for them. An end of one that has not begun is cancelled; while one is being ended the step is
 * tried again. Microsoft does not say as what machine action a containment is listed; it is looked for among the
 * isolations, by the scope `UnManagedDevice`.
 *
 * @returns the machine action, usually still `Pending`
 * @throws PermanentError `Superseded` when it was given back after `askedAt`
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/isolate-machine - 100 calls a minute, 1,500 an hour
 */
export const containUnmanagedMachine = defineActivity({
  name: "containUnmanagedMachine",
  summary: "Has all managed machines refuse to talk to one that is not managed.",
  effect: "contain",
  calls: [machineActionCalls.isolate, ...callsToTake],
  repeat: "adopts",
  input: z.object({ machineId: MachineId, comment: ActionComment, askedAt: AskedAt.optional() }),
  output: MachineAction.strip(),
  machineId: ({ machineId }) => machineId,
  pretend: pretendedAction("Isolate"),

  inverse: ({ machineId }) => ({ activity: "uncontainMachine", input: { machineId, comment: "Containment undone" } }),
  perform: ({ machineId, comment, askedAt }, { defender: { machineActions } }, { runId }) =>
    takeFrom({
      machineActions,
      machineId,
      opposites: ISOLATION,
      scopes: ["UnManagedDevice"],
      comment,
      runId,
      askedAt,
      ask: (request) => machineActions.containUnmanaged(machineId, request),
    }),
});
