import { z } from "zod";
import { DefenderConflictError } from "../../shared/defender/error.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { actionToAdopt, MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Has a machine gather its investigation package: processes, connections, tasks, logs.
 *
 * Safe to repeat: a collection that this run asked for before, or one that is still open, is adopted.
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
  input: z.object({ machineId: MachineId, comment: z.string().min(1) }),
  output: MachineAction.strip(),
  machineId: ({ machineId }) => machineId,

  async perform({ machineId, comment }, { defender }, { runId }) {
    const type = "CollectInvestigationPackage";
    const underWay = async () => actionToAdopt(await defender.machineActions.recent(machineId, [type]), runId);
    const existing = await underWay();
    if (existing) return existing;
    try {
      return await defender.machineActions.collectInvestigationPackage(machineId, { comment: `[${runId}] ${comment}` });
    } catch (error) {
      if (!(error instanceof DefenderConflictError)) throw error;
      const active = await underWay();
      if (active) return active;
      throw new Error(`Machine ${machineId} has a collection under way that is not listed yet`, { cause: error });
    }
  },
});
