import { z } from "zod";
import type { DefenderClient } from "../../shared/defender/client.ts";
import { DefenderConflictError } from "../../shared/defender/error.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import {
  IsolationType,
  isolationToAdopt,
  MachineAction,
} from "../../shared/defender/machine-actions/machine-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Cuts a machine off the network; Defender itself can still reach it.
 *
 * Safe to repeat: an isolation that this run asked for before (its id stands in the comment), one that is still open,
 * and one in force that cuts off at least as much are adopted, whoever asked for them. While a release is under way
 * nothing is asked, as the two could swap; the step is tried again.
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
  input: z.object({ machineId: MachineId, isolationType: IsolationType, comment: z.string().min(1) }),
  output: MachineAction.strip(),
  machineId: ({ machineId }) => machineId,

  async perform({ machineId, isolationType, comment }, { defender }, { runId }) {
    const existing = async () => isolationToAdopt(await changesOf(defender, machineId), isolationType, runId);
    const adopted = await existing();
    if (adopted) return adopted;
    try {
      return await defender.machineActions.isolate(machineId, { isolationType, comment: `[${runId}] ${comment}` });
    } catch (error) {
      if (!(error instanceof DefenderConflictError)) throw error;
      const active = await existing();
      if (active) return active;
      throw new Error(`Machine ${machineId} has an isolation under way that is not listed yet`, { cause: error });
    }
  },
});

const changesOf = (defender: DefenderClient, machineId: MachineId) =>
  defender.machineActions.recent(machineId, ["Isolate", "Unisolate"]);
