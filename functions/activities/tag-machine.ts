import { z } from "zod";
import { machineCalls } from "../../shared/defender/machines/calls.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Sets a tag on a machine. It may take a while until machines are found by it.
 *
 * Safe to repeat: a tag that is there stays.
 *
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/add-or-remove-machine-tags - 100 calls a minute, 1,500 an hour
 */
export const tagMachine = defineActivity({
  name: "tagMachine",
  summary: "Sets a tag on a machine.",
  effect: "write",
  calls: [machineCalls.tag],
  repeat: "sets",
  input: z.object({ machineId: MachineId, tag: z.string().min(1).max(200) }),
  output: z.object({ machineTags: z.array(z.string()) }),
  pretend: ({ tag }) => ({ machineTags: [tag] }),
  target: ({ machineId, tag }) => `tag ${tag} of machine ${machineId}`,
  inverse: ({ machineId, tag }) => ({ activity: "untagMachine", input: { machineId, tag } }),
  async perform({ machineId, tag }, { defender }) {
    const { machineTags } = await defender.machines.addTag(machineId, tag);
    return { machineTags: machineTags ?? [] };
  },
});
