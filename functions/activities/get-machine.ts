import { z } from "zod";
import { machineCalls } from "../../shared/defender/machines/calls.ts";
import { Machine, MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Reads a machine: name, system, health, tags.
 *
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-by-id - 100 calls a minute, 1,500 an hour
 */
export const getMachine = defineActivity({
  name: "getMachine",
  summary: "Reads a machine: name, system, health, tags.",
  effect: "read",
  calls: [machineCalls.get],
  repeat: "reads",
  input: z.object({ machineId: MachineId }),
  output: Machine.strip(),
  perform: ({ machineId }, { defender }) => defender.machines.get(machineId),
});
