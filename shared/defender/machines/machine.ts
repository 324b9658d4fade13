import { z } from "zod";

/**
 * 40 hex digits, e.g. `1e5bc9d7e413ddd7902c2932e418702b84d0cc07`; machines onboarded long ago have 32.
 * Always an id, never a name: names repeat after a machine is reinstalled.
 */
export const MachineId = z
  .string()
  .toLowerCase()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{32})$/, "a machine id is 40 (older: 32) hex digits")
  .brand("MachineId")
  .describe("The id of a machine: 40 hex digits");
export type MachineId = z.infer<typeof MachineId>;

/** How much a machine is worth to the organization. */
export const DeviceValue = z.enum(["Normal", "Low", "High"]);
export type DeviceValue = z.infer<typeof DeviceValue>;

/** A network address of a machine, with the interface it belongs to. */
const IpAddress = z.looseObject({
  ipAddress: z.string().nullish(),
  macAddress: z.string().nullish(),
  type: z.string().nullish(),
  operationalStatus: z.string().nullish(),
});

/**
 * A device. What the service adds is kept as it came; enumerations stay open, as a value Microsoft adds tomorrow must not
 * break a run. `lastSeen` is the last full report, about once a day: it does not say whether the device is online now.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/machine
 */
export const Machine = z.looseObject({
  id: MachineId,
  computerDnsName: z.string().nullish(),
  firstSeen: z.string().nullish(),
  lastSeen: z.string().nullish(),
  osPlatform: z.string().nullish(),
  version: z.string().nullish(),
  osBuild: z.number().nullish(),
  osProcessor: z.string().nullish(),
  osArchitecture: z.string().nullish(),
  onboardingStatus: z.string().nullish(),
  healthStatus: z.string().nullish(),
  riskScore: z.string().nullish(),
  exposureLevel: z.string().nullish(),
  deviceValue: z.string().nullish(),
  lastIpAddress: z.string().nullish(),
  lastExternalIpAddress: z.string().nullish(),
  ipAddresses: z.array(IpAddress).nullish(),
  aadDeviceId: z.string().nullish(),
  isAadJoined: z.boolean().nullish(),
  machineTags: z.array(z.string()).nullish(),
  rbacGroupId: z.union([z.number(), z.string()]).nullish(),
  rbacGroupName: z.string().nullish(),
});
export type Machine = z.infer<typeof Machine>;

/**
 * Whether Defender manages the machine; `undefined` where it does not say. Devices that it has only discovered say
 * `CanBeOnboarded`, `Unsupported` or `InsufficientInfo`; the case of these words varies.
 */
export const isOnboarded = ({ onboardingStatus }: Pick<Machine, "onboardingStatus">): boolean | undefined =>
  onboardingStatus ? onboardingStatus.toLowerCase() === "onboarded" : undefined;

/** The name people know the machine by, or its id where it has none. */
export const machineLabel = (machine: Pick<Machine, "id" | "computerDnsName">): string =>
  machine.computerDnsName || machine.id;
