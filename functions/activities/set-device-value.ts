import { z } from "zod";
import { machineCalls } from "../../shared/defender/machines/calls.ts";
import { DeviceValue, MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Says how much a machine is worth to the organization, which its exposure score follows. Safe to repeat: it sets a value.
 *
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/set-device-value - 100 calls a minute, 1,500 an hour
 */
export const setDeviceValue = defineActivity({
  name: "setDeviceValue",
  summary: "Says how much a machine is worth to the organization.",
  effect: "write",
  calls: [machineCalls.setDeviceValue],
  repeat: "sets",
  input: z.object({ machineId: MachineId, deviceValue: DeviceValue }),
  output: z.object({ deviceValue: z.string().nullish() }),
  async perform({ machineId, deviceValue }, { defender }) {
    const machine = await defender.machines.setDeviceValue(machineId, deviceValue);
    return { deviceValue: machine.deviceValue };
  },
});
