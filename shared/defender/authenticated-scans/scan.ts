import { z } from "zod";

/** The machine that scans others. Lists of agents write some of these keys with a capital; those are kept as they come. */
export const ScanAgent = z.looseObject({
  id: z.string().nullish(),
  machineId: z.string().nullish(),
  machineName: z.string().nullish(),
  lastSeen: z.string().nullish(),
  assignedApplicationId: z.string().nullish(),
  scannerSoftwareVersion: z.string().nullish(),
  lastCommandExecutionTimestamp: z.string().nullish(),
  mdeClientVersion: z.string().nullish(),
});
export type ScanAgent = z.infer<typeof ScanAgent>;

/**
 * What is scanned, how often and by whom. How the scanner signs in is never told: `scanAuthenticationParams` is null.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/add-a-new-scan-definition
 */
export const ScanDefinition = z.looseObject({
  id: z.string(),
  scanType: z.string().nullish(),
  scanName: z.string().nullish(),
  isActive: z.boolean().nullish(),
  /** Parted by commas. */
  target: z.string().nullish(),
  targetType: z.string().nullish(),
  orgId: z.string().nullish(),
  intervalInHours: z.number().nullish(),
  createdBy: z.string().nullish(),
  scannerAgent: ScanAgent.nullish(),
  latestScan: z
    .looseObject({
      status: z.string().nullish(),
      failureReason: z.string().nullish(),
      executionDateTime: z.string().nullish(),
    })
    .nullish(),
});
export type ScanDefinition = z.infer<typeof ScanDefinition>;

/** One scan that was made. Keys as they come: most with a capital, and `ScanDefinitionIds` for one id. */
export const ScanRecord = z.looseObject({
  ScanDefinitionIds: z.string().nullish(),
  SessionIds: z.string().nullish(),
  ScanStatus: z.string().nullish(),
  LastScanned: z.string().nullish(),
  ScannerId: z.string().nullish(),
  NumberOfTargets: z.number().nullish(),
  NumberOfSuccessfullyScannedTargets: z.number().nullish(),
});
export type ScanRecord = z.infer<typeof ScanRecord>;

/** How a scanner signs in to what it scans, by SNMP: with secrets, or with where to find them. */
export interface SnmpSignIn {
  type: "CommunityString" | "NoAuthNoPriv" | "AuthNoPriv" | "AuthPriv";
  username?: string;
  authProtocol?: string;
  authPassword?: string;
  privProtocol?: string;
  privPassword?: string;
  communityString?: string;
  KeyVaultUrl?: string;
  KeyVaultSecretName?: string;
}

/** A scan to set up, or to change. */
export interface NewScanDefinition {
  scanName: string;
  isActive: boolean;
  /** Parted by commas. */
  target: string;
  /** `Ip`, as the samples send it: the text of the page says `IP Address` and `Hostname`. */
  targetType: string;
  intervalInHours: number;
  scannerAgent: { machineId: string };
  /** Required for a new one; a change may leave it as it is. */
  signIn?: SnmpSignIn;
}
