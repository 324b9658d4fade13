import { z } from "zod";
import { WholeNumber } from "../whole-number.ts";

/**
 * e.g. `da637472900382838869_1364969609`. The alphabet is checked because the id comes from outside and becomes part
 * of a path.
 */
export const AlertId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/, "an alert id has letters, digits, - and _ only")
  .brand("AlertId")
  .describe("The id of an alert");
export type AlertId = z.infer<typeof AlertId>;

const Comment = z.looseObject({
  comment: z.string().nullish(),
  createdBy: z.string().nullish(),
  createdTime: z.string().nullish(),
});

/** One row of evidence: which fields are filled depends on `entityType`, e.g. `User`, `Process`, `File`, `Ip` or `Url`. */
export const Evidence = z.looseObject({
  entityType: z.string().nullish(),
  evidenceCreationTime: z.string().nullish(),
  sha1: z.string().nullish(),
  sha256: z.string().nullish(),
  fileName: z.string().nullish(),
  filePath: z.string().nullish(),
  processId: z.number().nullish(),
  processCommandLine: z.string().nullish(),
  processCreationTime: z.string().nullish(),
  parentProcessId: z.number().nullish(),
  parentProcessCreationTime: z.string().nullish(),
  parentProcessFileName: z.string().nullish(),
  parentProcessFilePath: z.string().nullish(),
  ipAddress: z.string().nullish(),
  url: z.string().nullish(),
  registryKey: z.string().nullish(),
  registryHive: z.string().nullish(),
  registryValueType: z.string().nullish(),
  registryValue: z.string().nullish(),
  accountName: z.string().nullish(),
  domainName: z.string().nullish(),
  userSid: z.string().nullish(),
  aadUserId: z.string().nullish(),
  userPrincipalName: z.string().nullish(),
  detectionStatus: z.string().nullish(),
});
export type Evidence = z.infer<typeof Evidence>;

/**
 * One detection. Times are kept as they are printed, to the seventh fractional digit; what the service adds is kept too.
 * In lists `evidence` is empty unless it was asked for.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/alerts
 */
export const Alert = z.looseObject({
  id: z.string(),
  incidentId: WholeNumber.nullish(),
  investigationId: WholeNumber.nullish(),
  investigationState: z.string().nullish(),
  assignedTo: z.string().nullish(),
  title: z.string().nullish(),
  description: z.string().nullish(),
  severity: z.string().nullish(),
  status: z.string().nullish(),
  classification: z.string().nullish(),
  determination: z.string().nullish(),
  category: z.string().nullish(),
  detectionSource: z.string().nullish(),
  detectorId: z.string().nullish(),
  threatFamilyName: z.string().nullish(),
  threatName: z.string().nullish(),
  mitreTechniques: z.array(z.string()).nullish(),
  alertCreationTime: z.string().nullish(),
  firstEventTime: z.string().nullish(),
  lastEventTime: z.string().nullish(),
  lastUpdateTime: z.string().nullish(),
  resolvedTime: z.string().nullish(),
  machineId: z.string().nullish(),
  computerDnsName: z.string().nullish(),
  rbacGroupName: z.string().nullish(),
  aadTenantId: z.string().nullish(),
  relatedUser: z.looseObject({ userName: z.string().nullish(), domainName: z.string().nullish() }).nullish(),
  comments: z.array(Comment).nullish(),
  evidence: z.array(Evidence).nullish(),
});
export type Alert = z.infer<typeof Alert>;
