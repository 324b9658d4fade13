import type { Simulator } from "../simulator.ts";
import type { Machine, MachineRecord } from "../state/machine.ts";
import { ApiError } from "./error.ts";
import { findMachine, unknown } from "./machines.ts";
import { readList, readObject, readParameters } from "./parameters.ts";
import type { Call, Route } from "./route.ts";

const roles = ["Machine.ReadWrite.All"];
const LARGEST_BATCH = 500;
const tagParameters = { Value: { required: true }, Action: { required: true, oneOf: ["Add", "Remove"] } } as const;
const DEVICE_VALUES = ["Normal", "Low", "High"];

/** https://learn.microsoft.com/en-us/defender-endpoint/api/add-or-remove-machine-tags */
const changeTags: Route = {
  method: "POST",
  path: "/machines/{machineId}/tags",
  roles,
  perform(call) {
    const record = machineOf(call);
    const { Value = "", Action } = readParameters(call.body, tagParameters);
    return answer(call, change(call.simulator, record, { machineTags: retagged(record.machine, Value, Action) }));
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/add-or-remove-multiple-machine-tags */
const changeManyTags: Route = {
  method: "POST",
  path: "/machines/AddOrRemoveTagForMultipleMachines",
  roles,
  perform({ simulator, body, context }) {
    const { MachineIds, ...others } = readObject(body);
    const { Value = "", Action } = readParameters(others, tagParameters);
    const ids = readList("MachineIds", MachineIds, LARGEST_BATCH);
    const records = ids.map((id) => findMachine(simulator, id) ?? unknown(id));
    const value = records.map((record) =>
      change(simulator, record, { machineTags: retagged(record.machine, Value, Action) }),
    );
    return { status: 200, body: { "@odata.context": context("Machines"), value } };
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/set-device-value */
const setDeviceValue: Route = {
  method: "POST",
  path: "/machines/{machineId}/setDeviceValue",
  roles,
  perform(call) {
    const record = machineOf(call);
    const { DeviceValue = "" } = readParameters(call.body, { DeviceValue: { required: true, oneOf: DEVICE_VALUES } });
    return answer(call, change(call.simulator, record, { deviceValue: DeviceValue }));
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/update-machine-method */
const updateMachine: Route = {
  method: "PATCH",
  path: "/machines/{machineId}",
  roles,
  perform(call) {
    const record = machineOf(call);
    const { machineTags, ...others } = readObject(call.body);
    const { deviceValue } = readParameters(others, { deviceValue: { oneOf: DEVICE_VALUES } });
    const given = machineTags === undefined ? undefined : readList("machineTags", machineTags, LARGEST_BATCH, 0);
    const kept = call.simulator.settings.current.patchedMachineTags === "add" ? record.machine.machineTags : [];
    return answer(
      call,
      change(call.simulator, record, {
        ...(given && { machineTags: [...new Set([...kept, ...given])] }),
        ...(deviceValue && { deviceValue }),
      }),
    );
  },
};

export const machineUpdateRoutes: readonly Route[] = [changeManyTags, changeTags, setDeviceValue, updateMachine];

function machineOf({ simulator, ids: { machineId = "" } }: Call): MachineRecord {
  return findMachine(simulator, machineId) ?? unknown(machineId);
}

function retagged({ machineTags }: Machine, tag: string, action: string | undefined): string[] {
  if (action === "Remove") return machineTags.filter((other) => other !== tag);
  if (tag.length > 200) throw new ApiError(400, "InvalidInput", "A tag may have 200 characters.");
  return [...new Set([...machineTags, tag])];
}

function change({ tenant }: Simulator, record: MachineRecord, changes: Partial<Machine>): Machine {
  const machine = { ...record.machine, ...changes };
  tenant.putMachine({ ...record, machine });
  return machine;
}

const answer = ({ context }: Call, machine: Machine) => ({
  status: 200,
  body: { "@odata.context": context("Machines/$entity"), ...machine },
});
