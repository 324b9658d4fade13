import { z } from "zod";
import { WholeNumber } from "../whole-number.ts";

/** What every row of an export begins with. Times in exports are UTC without saying so: `2021-01-11 09:47:58.854`. */
const DeviceRow = z.looseObject({
  deviceId: z.string().nullish(),
  deviceName: z.string().nullish(),
  osPlatform: z.string().nullish(),
  osVersion: z.string().nullish(),
  rbacGroupName: z.string().nullish(),
  rbacGroupId: z.union([z.number(), z.string()]).nullish(),
});

/** @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-assessment-secure-config */
export const SecureConfigurationRow = DeviceRow.extend({
  timestamp: z.string().nullish(),
  configurationId: z.string().nullish(),
  configurationName: z.string().nullish(),
  configurationCategory: z.string().nullish(),
  configurationSubcategory: z.string().nullish(),
  configurationImpact: z.number().nullish(),
  isApplicable: z.boolean().nullish(),
  isCompliant: z.boolean().nullish(),
  isExpectedUserImpact: z.boolean().nullish(),
  recommendationReference: z.string().nullish(),
});

/** @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-assessment-software-inventory */
export const SoftwareInventoryRow = DeviceRow.extend({
  softwareVendor: z.string().nullish(),
  softwareName: z.string().nullish(),
  softwareVersion: z.string().nullish(),
  numberOfWeaknesses: WholeNumber.nullish(),
  diskPaths: z.array(z.string()).nullish(),
  registryPaths: z.array(z.string()).nullish(),
  softwareFirstSeenTimestamp: z.string().nullish(),
  endOfSupportStatus: z.string().nullish(),
  endOfSupportDate: z.string().nullish(),
});

/** @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-assessment-software-vulnerabilities */
export const SoftwareVulnerabilityRow = DeviceRow.extend({
  id: z.string().nullish(),
  osArchitecture: z.string().nullish(),
  softwareVendor: z.string().nullish(),
  softwareName: z.string().nullish(),
  softwareVersion: z.string().nullish(),
  cveId: z.string().nullish(),
  vulnerabilitySeverityLevel: z.string().nullish(),
  cvssScore: z.number().nullish(),
  exploitabilityLevel: z.string().nullish(),
  recommendedSecurityUpdate: z.string().nullish(),
  recommendedSecurityUpdateId: z.string().nullish(),
  recommendedSecurityUpdateUrl: z.string().nullish(),
  diskPaths: z.array(z.string()).nullish(),
  registryPaths: z.array(z.string()).nullish(),
  firstSeenTimestamp: z.string().nullish(),
  lastSeenTimestamp: z.string().nullish(),
  recommendationReference: z.string().nullish(),
  securityUpdateAvailable: z.boolean().nullish(),
});

/**
 * What became of a vulnerability on a machine: `New`, `Fixed` or `Updated`. A machine that changes its device group is
 * `Fixed` in one and `New` in the other, under one id.
 */
export const VulnerabilityChangeRow = SoftwareVulnerabilityRow.extend({
  eventTimestamp: z.string().nullish(),
  status: z.string().nullish(),
  isOnboarded: z.boolean().nullish(),
});

/** A row of which nothing but the machine is relied on. */
export const OtherRow = DeviceRow;

/** Where the files of an export are. Links live an hour, carry their own right to read, and go into no log. */
export const ExportFiles = z.looseObject({ exportFiles: z.array(z.url()), generatedTime: z.string().nullish() });
export type ExportFiles = z.infer<typeof ExportFiles>;
