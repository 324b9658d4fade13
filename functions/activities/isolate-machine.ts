import { z } from "zod";
import type { DefenderClient } from "../../shared/defender/client.ts";
import { isAlreadyActive } from "../../shared/defender/error.ts";
import { MachineId } from "../../shared/defender/machine.ts";
import {
  actionToAdopt,
  IsolationType,
  isFinished,
  latestIsolationChange,
  MachineAction,
} from "../../shared/defender/machine-action.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Cuts a machine off the network; Defender itself can still reach it.
 *
 * Safe to repeat: an isolation that this run asked for before (its id stands in the comment), one that is still open,
 * and one that is in force are adopted, whoever asked for them. While a release is under way nothing is asked, as the
 * two could swap; the step is tried again.
 *
 * @returns the machine action, usually still `Pending`
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/isolate-machine - 100 calls a minute, 1,500 an hour
 */
export const isolateMachine = defineActivity({
  name: "isolateMachine",
  effect: "contain",
  permissions: ["Machine.Isolate", "Machine.ReadWrite.All"],
  quota: "isolate",
  input: z.object({ machineId: MachineId, isolationType: IsolationType, comment: z.string().min(1) }),
  output: MachineAction,
  machineId: ({ machineId }) => machineId,

  async perform({ machineId, isolationType, comment }, { defender }, { runId }) {
    const existing = await isolationToAdopt(defender, machineId, runId);
    if (existing) return existing;
    try {
      return await defender.machines.isolate(machineId, { isolationType, comment: `[${runId}] ${comment}` });
    } catch (error) {
      const active = isAlreadyActive(error) && (await isolationToAdopt(defender, machineId, runId));
      if (active) return active;
      throw error;
    }
  },
});

async function isolationToAdopt(defender: DefenderClient, machineId: MachineId, runId: string) {
  const actions = await defender.machineActions.recent(machineId);
  const adopted = actionToAdopt(actions, "Isolate", runId);
  if (adopted) return adopted;

  const latest = latestIsolationChange(actions);
  if (latest?.type === "Unisolate" && !isFinished(latest)) {
    throw new Error(`A release of machine ${machineId} is under way; it is not isolated before that has ended`);
  }
  return latest?.type === "Isolate" ? latest : undefined;
}
