import { Alert } from "../alerts/alert.ts";
import type { AlertProperty } from "../alerts/client.ts";
import type { Filter, Instant } from "../odata/filter.ts";
import { allOf, type ListQuery, linkedRowsOf, optionsOf, rowsOf } from "../odata/list.ts";
import { Recommendation } from "../recommendations/recommendation.ts";
import type { Send } from "../send.ts";
import { MissingUpdate } from "../software/missing-update.ts";
import { Software } from "../software/software.ts";
import { User } from "../users/user.ts";
import { Vulnerability } from "../vulnerabilities/vulnerability.ts";
import { machineCalls } from "./calls.ts";
import { type DeviceValue, Machine, type MachineId } from "./machine.ts";

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

/** The most machines that one call tags. */
const MOST_TAGGED_AT_ONCE = 500;

/** Reads machines, and changes what people noted about them. */
export const createMachines = (send: Send) => {
  const changeTag = (machineId: MachineId, tag: string, action: "Add" | "Remove") =>
    send(machineCalls.tag, { ids: { machineId }, body: { Value: tag, Action: action } });

  async function changeTagOfMany(machineIds: readonly MachineId[], tag: string, action: "Add" | "Remove") {
    for (let start = 0; start < machineIds.length; start += MOST_TAGGED_AT_ONCE) {
      const some = machineIds.slice(start, start + MOST_TAGGED_AT_ONCE);
      await send(machineCalls.tagMany, { body: { Value: tag, Action: action, MachineIds: some } });
    }
  }

  return {
    /** @throws DefenderNotFoundError when the machine is unknown */
    get: (machineId: MachineId) => send(machineCalls.get, { ids: { machineId } }),

    list: (query: ListQuery<MachineProperty> = {}) =>
      rowsOf(send, machineCalls.list, {}, query, { row: Machine, noneIsNotFound: true }),

    /** The accounts seen on a machine. */
    loggedOnUsers: (machineId: MachineId) =>
      allOf(linkedRowsOf(send, machineCalls.loggedOnUsers, { ids: { machineId } }, { row: User })),

    /**
     * The machines that had an internal address within 15 minutes of a time.
     *
     * @param at not longer ago than 30 days; Defender refuses an older one
     */
    findByIp: (ip: string, { at }: { at: Instant }) =>
      linkedRowsOf(send, machineCalls.findByIp, { ids: { ip, time: at.instant } }, { row: Machine }),

    /** The older form of `findByIp`, for services that lack the newer: within 16 minutes of a time. */
    findByInternalIp: (ip: string, { at }: { at: Instant }) =>
      linkedRowsOf(
        send,
        machineCalls.findByInternalIp,
        { ids: { ip, time: at.instant } },
        { row: Machine, noneIsNotFound: true },
      ),

    /** @param startsWith whether a tag that only begins so counts too */
    findByTag: (tag: string, { startsWith = false }: { startsWith?: boolean } = {}) =>
      linkedRowsOf(
        send,
        machineCalls.findByTag,
        { query: { tag, useStartsWithFilter: String(startsWith) } },
        { row: Machine },
      ),

    alerts: (machineId: MachineId, query: ListQuery<AlertProperty> = {}) =>
      rowsOf(send, machineCalls.alerts, { ids: { machineId } }, query, { row: Alert }),

    /** @see https://learn.microsoft.com/en-us/defender-endpoint/api/exposed-apis-odata-samples */
    countAlerts: async (machineId: MachineId, filter?: Filter<AlertProperty>) =>
      Number(await send(machineCalls.countAlerts, { ids: { machineId }, query: optionsOf(filter ? { filter } : {}) })),

    software: (machineId: MachineId) =>
      linkedRowsOf(send, machineCalls.software, { ids: { machineId } }, { row: Software }),

    vulnerabilities: (machineId: MachineId) =>
      linkedRowsOf(send, machineCalls.vulnerabilities, { ids: { machineId } }, { row: Vulnerability }),

    recommendations: (machineId: MachineId) =>
      linkedRowsOf(send, machineCalls.recommendations, { ids: { machineId } }, { row: Recommendation }),

    missingUpdates: (machineId: MachineId) =>
      linkedRowsOf(send, machineCalls.missingUpdates, { ids: { machineId } }, { row: MissingUpdate }),

    /** Sets a tag; one that is there stays. It may take a while to be found by. */
    addTag: (machineId: MachineId, tag: string) => changeTag(machineId, tag, "Add"),
    removeTag: (machineId: MachineId, tag: string) => changeTag(machineId, tag, "Remove"),

    /** Sets a tag on any number of machines, 500 a call. What a failing call leaves undone, the same call made again does. */
    addTagToMany: (machineIds: readonly MachineId[], tag: string) => changeTagOfMany(machineIds, tag, "Add"),
    removeTagFromMany: (machineIds: readonly MachineId[], tag: string) => changeTagOfMany(machineIds, tag, "Remove"),

    /** How much the machine is worth to the organization, which its exposure score follows. */
    setDeviceValue: (machineId: MachineId, value: DeviceValue) =>
      send(machineCalls.setDeviceValue, { ids: { machineId }, body: { DeviceValue: value } }),
  };
};
