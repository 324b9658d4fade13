import { z } from "zod";
import { machineCalls } from "../../shared/defender/machines/calls.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { MachineFacts } from "../../shared/intake/known-machines.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Reads what automation rules look at in a machine: system, tags, group, value. What was read within five minutes is given
 * from memory, so that thousands of alerts on a machine read it once.
 *
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-by-id - 100 calls a minute, 1,500 an hour
 */
export const readMachineFacts = defineActivity({
  name: "readMachineFacts",
  summary: "Reads what automation rules look at in a machine.",
  effect: "read",
  calls: [{ ...machineCalls.get, shared: true }],
  repeat: "reads",
  input: z.object({ tenantId: z.string(), machineId: MachineId }),
  output: MachineFacts,

  async perform({ tenantId, machineId }, { defender, knownMachines }) {
    const known = await knownMachines.find(tenantId, machineId);
    if (known) return known;
    const machine = MachineFacts.parse(await defender.machines.get(machineId));
    await knownMachines.keep(tenantId, machine);
    return machine;
  },
});
