import { allOf, type ListQuery, rowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { User } from "../users/user.ts";
import { machineCalls } from "./calls.ts";
import { Machine, type MachineId } from "./machine.ts";

/** What `$filter` on machines may name. */
export type MachineProperty =
  | "computerDnsName"
  | "id"
  | "version"
  | "deviceValue"
  | "aadDeviceId"
  | "machineTags"
  | "lastSeen"
  | "exposureLevel"
  | "onboardingStatus"
  | "lastIpAddress"
  | "healthStatus"
  | "osPlatform"
  | "riskScore"
  | "rbacGroupId";

/** Reads machines. */
export const createMachines = (send: Send) => ({
  /** @throws DefenderNotFoundError when the machine is unknown */
  get: (machineId: MachineId) => send(machineCalls.get, { ids: { machineId } }),

  list: (query: ListQuery<MachineProperty> = {}) =>
    rowsOf(send, machineCalls.list, {}, query, { row: Machine, noneIsNotFound: true }),

  /** The accounts seen on a machine. */
  loggedOnUsers: (machineId: MachineId) =>
    allOf(rowsOf(send, machineCalls.loggedOnUsers, { ids: { machineId } }, {}, { row: User })),
});
