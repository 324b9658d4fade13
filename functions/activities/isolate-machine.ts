import { z } from "zod";
import { ActionComment, AskedAt } from "../../shared/defender/machine-actions/action-comment.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { IsolationType, MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import { ISOLATION } from "../../shared/defender/machine-actions/opposites.ts";
import { pretendedAction } from "../../shared/defender/machine-actions/pretended-action.ts";
import { callsToTake, takeFrom } from "../../shared/defender/machine-actions/take-from.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Cuts a machine off the network; Defender itself can still reach it.
 *
 * Safe to repeat: an isolation that this run asked for before (its id stands in the comment) and has not released since,
 * and one open or in force that cuts off at least as much are adopted, whoever asked for them. A release that has not
 * begun is cancelled, so that it cannot take effect afterwards; while one is being carried out the step is tried again.
 *
 * @returns the machine action, usually still `Pending`
 * @throws PermanentError `Superseded` when it was given back after `askedAt`
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/isolate-machine - 100 calls a minute, 1,500 an hour
 */
export const isolateMachine = defineActivity({
  name: "isolateMachine",
  summary: "Cuts a machine off the network; Defender itself can still reach it.",
  effect: "contain",
  calls: [machineActionCalls.isolate, ...callsToTake],
  repeat: "adopts",
  input: z.object({
    machineId: MachineId,
    isolationType: IsolationType,
    comment: ActionComment,
    askedAt: AskedAt.optional(),
  }),
  output: MachineAction.strip(),
  machineId: ({ machineId }) => machineId,
  pretend: pretendedAction("Isolate"),

  inverse: ({ machineId }) => ({ activity: "releaseMachine", input: { machineId, comment: "Isolation undone" } }),
  perform: ({ machineId, isolationType, comment, askedAt }, { defender: { machineActions } }, { runId }) =>
    takeFrom({
      machineActions,
      machineId,
      opposites: ISOLATION,
      scopes: isolationType === "Full" ? ["Full"] : ["Selective", "Full"],
      comment,
      runId,
      askedAt,
      ask: (request) => machineActions.isolate(machineId, { isolationType, ...request }),
    }),
});
