import { z } from "zod";
import { ActionComment, StepKey } from "../../shared/defender/machine-actions/action-comment.ts";
import { actionToAdopt, adoptOrAsk } from "../../shared/defender/machine-actions/adopt-or-ask.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { MachineAction, markOf } from "../../shared/defender/machine-actions/machine-action.ts";
import { pretendedAction } from "../../shared/defender/machine-actions/pretended-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Has a machine gather its investigation package: processes, connections, tasks, logs.
 *
 * Safe to repeat: a collection that this step asked for before, or one that is still open, is adopted.
 *
 * @returns the machine action, usually still `Pending`; once it succeeded, store the package with `storePackage`
 * @throws DefenderRefusedError `OsPlatformNotSupported` where the system has no package
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/collect-investigation-package - 100 calls a minute, 1,500 an hour
 */
export const collectInvestigationPackage = defineActivity({
  name: "collectInvestigationPackage",
  summary: "Has a machine gather its investigation package.",
  effect: "collect",
  calls: [machineActionCalls.collectInvestigationPackage, machineActionCalls.list],
  repeat: "adopts",
  input: z.object({ machineId: MachineId, comment: ActionComment, key: StepKey.optional() }),
  output: MachineAction.strip(),
  machineId: ({ machineId }) => machineId,
  pretend: pretendedAction("CollectInvestigationPackage"),

  perform: ({ machineId, comment, key }, { defender: { machineActions } }, { runId }) =>
    adoptOrAsk({
      what: `a collection of machine ${machineId}`,
      find: async () =>
        actionToAdopt(await machineActions.recent(machineId, ["CollectInvestigationPackage"], runId), runId, key),
      ask: () => machineActions.collectInvestigationPackage(machineId, { comment: `${markOf(runId, key)} ${comment}` }),
    }),
});
