import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { LiveResponseBehaviour } from "./live-response.ts";
import { MachineActionType } from "./machine-action.ts";
import { toDefenderTime } from "./timestamp.ts";

/** 40 hex digits; older machines carry a GUID, with or without its dashes. */
export const MachineId = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12})$/i);

/**
 * A machine as the API prints it. Fields beyond these are kept and printed as they are.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/machine
 */
export const Machine = z.looseObject({
  id: MachineId,
  computerDnsName: z.string().nullable(),
  firstSeen: z.string(),
  lastSeen: z.string(),
  osPlatform: z.string(),
  osVersion: z.string().nullable(),
  osProcessor: z.string().nullable(),
  osArchitecture: z.string().nullable(),
  osBuild: z.number().nullable(),
  version: z.string().nullable(),
  agentVersion: z.string().nullable(),
  lastIpAddress: z.string().nullable(),
  lastExternalIpAddress: z.string().nullable(),
  ipAddresses: z.array(z.looseObject({ ipAddress: z.string(), macAddress: z.string().nullable() })),
  healthStatus: z.string(),
  onboardingStatus: z.string(),
  deviceValue: z.string().nullable(),
  riskScore: z.string().nullable(),
  exposureLevel: z.string().nullable(),
  rbacGroupId: z.number(),
  rbacGroupName: z.string().nullable(),
  isAadJoined: z.boolean(),
  aadDeviceId: z.string().nullable(),
  machineTags: z.array(z.string()),
  managedBy: z.string(),
  vmMetadata: z.unknown(),
});
export type Machine = z.infer<typeof Machine>;

/** The fields of a machine somebody cares about; the rest is made up. */
export const MachineFields = Machine.partial();
export type MachineFields = z.input<typeof MachineFields>;

/**
 * What the control API says about a machine, and the Defender API does not show: whether it is out of reach, and which
 * types of machine action end in `Failed` on it, and what live response meets.
 */
export const MachineBehaviour = z.strictObject({
  offline: z.boolean().optional(),
  failing: z.partialRecord(MachineActionType, z.boolean()).optional(),
  liveResponse: LiveResponseBehaviour.optional(),
});
export type MachineBehaviour = z.infer<typeof MachineBehaviour>;

/** A machine with its simulated behaviour. */
export interface MachineRecord {
  readonly machine: Machine;
  readonly offline: boolean;
  readonly failing: NonNullable<MachineBehaviour["failing"]>;
  readonly liveResponse?: LiveResponseBehaviour;
}

/** Whether Defender runs on the machine. The case of this status varies in the samples. */
export const isOnboarded = ({ onboardingStatus }: Machine): boolean => onboardingStatus.toLowerCase() === "onboarded";

export const isWindows = ({ osPlatform }: Machine): boolean => /^windows/i.test(osPlatform);

/** A healthy Windows machine with the given fields. Everything made up follows from the id. */
export function makeMachine(fields: MachineFields, now: number): Machine {
  const id = fields.id ?? randomBytes(20).toString("hex");
  const digest = createHash("sha1").update(id).digest();
  const ipAddress = `10.${digest[0]}.${digest[1]}.${digest[2]}`;
  return Machine.parse({
    id,
    computerDnsName: `device-${id.slice(0, 8).toLowerCase()}.contoso.example`,
    firstSeen: toDefenderTime(now - 30 * 24 * 60 * 60_000),
    lastSeen: toDefenderTime(now),
    osPlatform: "Windows11",
    osVersion: null,
    osProcessor: "x64",
    osArchitecture: "64-bit",
    osBuild: 26100,
    version: "24H2",
    agentVersion: "10.8792.26100.1",
    lastIpAddress: ipAddress,
    lastExternalIpAddress: "203.0.113.7",
    ipAddresses: [
      { ipAddress, macAddress: digest.toString("hex", 3, 9).toUpperCase(), type: "Ethernet", operationalStatus: "Up" },
    ],
    healthStatus: "Active",
    onboardingStatus: "Onboarded",
    deviceValue: "Normal",
    riskScore: "None",
    exposureLevel: "Low",
    rbacGroupId: 0,
    rbacGroupName: null,
    isAadJoined: true,
    aadDeviceId: guidFrom(digest),
    machineTags: [],
    managedBy: "Intune",
    vmMetadata: null,
    ...fields,
  });
}

function guidFrom(digest: Buffer): string {
  const hex = digest.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
