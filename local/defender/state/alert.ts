import { randomInt } from "node:crypto";
import { z } from "zod";
import type { Machine } from "./machine.ts";
import { toDefenderTime } from "./timestamp.ts";

const Comment = z.looseObject({ comment: z.string(), createdBy: z.string(), createdTime: z.string() });

/** One row of evidence; which fields are filled depends on `entityType`. */
const Evidence = z.looseObject({ entityType: z.string() });

/**
 * An alert as the API prints it. Fields beyond these are kept and printed as they are.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/alerts
 */
export const Alert = z.looseObject({
  id: z.string().min(1),
  incidentId: z.number().nullable(),
  investigationId: z.number().nullable(),
  assignedTo: z.string().nullable(),
  severity: z.string(),
  status: z.string(),
  classification: z.string().nullable(),
  determination: z.string().nullable(),
  investigationState: z.string().nullable(),
  detectionSource: z.string(),
  detectorId: z.string().nullable(),
  category: z.string(),
  threatFamilyName: z.string().nullable(),
  threatName: z.string().nullable(),
  title: z.string(),
  description: z.string(),
  alertCreationTime: z.string(),
  firstEventTime: z.string().nullable(),
  lastEventTime: z.string().nullable(),
  lastUpdateTime: z.string().nullable(),
  resolvedTime: z.string().nullable(),
  machineId: z.string().nullable(),
  computerDnsName: z.string().nullable(),
  rbacGroupName: z.string().nullable(),
  aadTenantId: z.string().nullable(),
  mitreTechniques: z.array(z.string()),
  relatedUser: z.looseObject({ userName: z.string(), domainName: z.string() }).nullable(),
  comments: z.array(Comment),
  evidence: z.array(Evidence),
  /** Of another product than Defender for Endpoint, which then does not know it: as Graph spells it. */
  serviceSource: z.string().optional(),
});
export type Alert = z.infer<typeof Alert>;

/** Whether Defender for Endpoint itself knows the alert, and not Graph alone. */
export const isOfEndpoint = ({ serviceSource }: Pick<Alert, "serviceSource">): boolean => serviceSource === undefined;

/** The fields of an alert somebody cares about; the rest is made up. */
export const AlertFields = Alert.partial();
export type AlertFields = z.input<typeof AlertFields>;

/** A new alert of medium severity with the given fields, on the given machine if there is one. */
export function makeAlert(fields: AlertFields, machine: Machine | undefined, tenantId: string, now: number): Alert {
  const time = toDefenderTime(now);
  const { evidence = [], ...others } = fields;
  return Alert.parse({
    id: makeAlertId(now),
    incidentId: randomInt(1, 1_000_000),
    investigationId: null,
    assignedTo: null,
    severity: "Medium",
    status: "New",
    classification: null,
    determination: null,
    investigationState: "UnsupportedAlertType",
    detectionSource: "WindowsDefenderAtp",
    detectorId: null,
    category: "SuspiciousActivity",
    threatFamilyName: null,
    title: "Suspicious activity",
    description: "Made up by the Defender simulator.",
    alertCreationTime: time,
    firstEventTime: time,
    lastEventTime: time,
    lastUpdateTime: time,
    resolvedTime: null,
    machineId: machine?.id ?? null,
    computerDnsName: machine?.computerDnsName ?? null,
    rbacGroupName: machine?.rbacGroupName ?? null,
    aadTenantId: tenantId,
    threatName: null,
    mitreTechniques: [],
    relatedUser: null,
    comments: [],
    ...others,
    evidence: evidence.map((row) => ({ ...emptyEvidence, evidenceCreationTime: time, ...row })),
  });
}

/** Ids look like `da637472900382838869_1364969609`: a count of 100 ns ticks since the year 1, and a signed number. */
function makeAlertId(now: number): string {
  const ticks = BigInt(now) * 10_000n + 621_355_968_000_000_000n;
  return `da${ticks}_${randomInt(-(2 ** 31), 2 ** 31)}`;
}

/** Defender prints every field of an evidence row, whatever the entity. */
const emptyEvidence = {
  sha1: null,
  sha256: null,
  fileName: null,
  filePath: null,
  processId: null,
  processCommandLine: null,
  processCreationTime: null,
  parentProcessId: null,
  parentProcessCreationTime: null,
  parentProcessFileName: null,
  parentProcessFilePath: null,
  ipAddress: null,
  url: null,
  registryKey: null,
  registryHive: null,
  registryValueType: null,
  registryValue: null,
  accountName: null,
  domainName: null,
  userSid: null,
  aadUserId: null,
  userPrincipalName: null,
  detectionStatus: null,
};
