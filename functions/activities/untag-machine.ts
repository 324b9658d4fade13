import { z } from "zod";
import { machineCalls } from "../../shared/defender/machines/calls.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { whyProtecting } from "../../shared/policy/critical-asset.ts";

/**
 * Takes a tag off a machine, but none that the policy protects machines by: a run must not lift its own limits.
 *
 * Safe to repeat: a tag that is gone stays so.
 *
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/add-or-remove-machine-tags - 100 calls a minute, 1,500 an hour
 */
export const untagMachine = defineActivity({
  name: "untagMachine",
  summary: "Takes a tag off a machine.",
  effect: "write",
  calls: [machineCalls.tag],
  repeat: "sets",
  input: z.object({ machineId: MachineId, tag: z.string().min(1) }),
  output: z.object({ machineTags: z.array(z.string()) }),
  pretend: () => ({ machineTags: [] }),
  target: ({ machineId, tag }) => `tag ${tag} of machine ${machineId}`,
  forbidden: ({ tag }, { policy }) =>
    whyProtecting(tag, policy()) && `The tag ${tag} protects critical assets: only a person takes it off`,
  async perform({ machineId, tag }, { defender }) {
    const { machineTags } = await defender.machines.removeTag(machineId, tag);
    return { machineTags: machineTags ?? [] };
  },
});
