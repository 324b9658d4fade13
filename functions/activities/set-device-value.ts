import { z } from "zod";
import { machineCalls } from "../../shared/defender/machines/calls.ts";
import { DeviceValue, MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { isAmong } from "../../shared/policy/critical-asset.ts";

/**
 * Says how much a machine is worth to the organization, which its exposure score follows. Safe to repeat: it sets a value.
 * A value that the policy protects machines by is not taken away: a run must not lift its own limits.
 *
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/set-device-value - 100 calls a minute, 1,500 an hour
 */
export const setDeviceValue = defineActivity({
  name: "setDeviceValue",
  summary: "Says how much a machine is worth to the organization.",
  effect: "write",
  calls: [machineCalls.setDeviceValue, { ...machineCalls.get, shared: true }],
  repeat: "sets",
  input: z.object({ machineId: MachineId, deviceValue: DeviceValue }),
  output: z.object({ deviceValue: z.string().nullish() }),
  pretend: ({ deviceValue }) => ({ deviceValue }),
  target: ({ machineId, deviceValue }) => `value ${deviceValue} of machine ${machineId}`,
  async forbidden({ machineId, deviceValue }, { defender, policy }) {
    const { deviceValues } = policy().criticalAssets;
    if (deviceValues.length === 0 || deviceValues.includes(deviceValue)) return undefined;
    const before = (await defender.machines.get(machineId)).deviceValue ?? "";
    const isProtected = isAmong(deviceValues, before);
    return isProtected ? `The device value ${before} protects the machine: only a person lowers it` : undefined;
  },
  async perform({ machineId, deviceValue }, { defender }) {
    const machine = await defender.machines.setDeviceValue(machineId, deviceValue);
    return { deviceValue: machine.deviceValue };
  },
});
