import { z } from "zod";
import { ActionComment } from "../../shared/defender/machine-actions/action-comment.ts";
import { actionToAdopt, adoptOrAsk } from "../../shared/defender/machine-actions/adopt-or-ask.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { MachineAction, markOf } from "../../shared/defender/machine-actions/machine-action.ts";
import { pretendedAction } from "../../shared/defender/machine-actions/pretended-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Ends Defender's watch over a machine. No call takes it back: the machine has to be onboarded anew.
 *
 * Safe to repeat: an offboarding that this run asked for before, or one that is still open, is adopted.
 *
 * @param input.confirm the words `offboard <machineId>`, so that it does not happen by a slip
 * @returns the machine action, usually still `Pending`
 * @throws DefenderRefusedError `OsPlatformNotSupported` on macOS and Linux
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/offboard-machine-api - 100 calls a minute, 1,500 an hour
 */
export const offboardMachine = defineActivity({
  name: "offboardMachine",
  summary: "Ends Defender's watch over a machine, for good.",
  effect: "contain",
  calls: [machineActionCalls.offboard, machineActionCalls.list],
  repeat: "adopts",
  input: z
    .object({
      machineId: MachineId,
      confirm: z.string().describe("The words `offboard <machineId>`"),
      comment: ActionComment,
    })
    .refine(({ machineId, confirm }) => confirm.toLowerCase() === `offboard ${machineId}`, {
      path: ["confirm"],
      message: "must be the word offboard and the machine id",
    }),
  output: MachineAction.strip(),
  machineId: ({ machineId }) => machineId,
  pretend: pretendedAction("Offboard"),

  noInverse: "No call of Defender takes a machine back: it is onboarded anew by hand.",
  perform: ({ machineId, comment }, { defender: { machineActions } }, { runId }) =>
    adoptOrAsk({
      what: `the offboarding of machine ${machineId}`,
      find: async () => actionToAdopt(await machineActions.recent(machineId, ["Offboard"], runId), runId),
      ask: () => machineActions.offboard(machineId, { comment: `${markOf(runId)} ${comment}` }),
    }),
});
