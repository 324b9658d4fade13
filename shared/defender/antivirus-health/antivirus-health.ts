import { z } from "zod";

/**
 * How Defender Antivirus does on a machine. Much that looks like a number or a truth value comes as text: `avMode` is
 * `0` active, `1` passive, `2` disabled, `4` EDR in block mode, `5` passive audit, `3` or nothing for others; the
 * up-to-date fields are `True`, `False` or `Unknown`.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/device-health-api-methods-properties
 */
export const AntivirusHealth = z.looseObject({
  id: z.string(),
  machineId: z.string().nullish(),
  computerDnsName: z.string().nullish(),
  osKind: z.string().nullish(),
  osPlatform: z.string().nullish(),
  osVersion: z.string().nullish(),
  avMode: z.string().nullish(),
  avSignatureVersion: z.string().nullish(),
  avEngineVersion: z.string().nullish(),
  avPlatformVersion: z.string().nullish(),
  avIsSignatureUpToDate: z.string().nullish(),
  avIsEngineUpToDate: z.string().nullish(),
  avIsPlatformUpToDate: z.string().nullish(),
  avSignaturePublishTime: z.string().nullish(),
  avSignatureUpdateTime: z.string().nullish(),
  avEngineUpdateTime: z.string().nullish(),
  avPlatformUpdateTime: z.string().nullish(),
  quickScanResult: z.string().nullish(),
  quickScanError: z.string().nullish(),
  quickScanTime: z.string().nullish(),
  fullScanResult: z.string().nullish(),
  fullScanError: z.string().nullish(),
  fullScanTime: z.string().nullish(),
  lastSeenTime: z.string().nullish(),
  dataRefreshTimestamp: z.string().nullish(),
  rbacGroupName: z.string().nullish(),
  rbacGroupId: z.union([z.number(), z.string()]).nullish(),
});
export type AntivirusHealth = z.infer<typeof AntivirusHealth>;
