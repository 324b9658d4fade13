import type { Alert } from "../../state/alert.ts";
import type { Machine } from "../../state/machine.ts";
import { toGraph } from "./spelling.ts";

type Row = Alert["evidence"][number];

/**
 * The evidence of an alert in Graph's types, the machine first.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/resources/security-alertevidence
 */
export function graphEvidence({ evidence, alertCreationTime, machineId }: Alert, machine: Machine | undefined) {
  const rows = evidence.map((row) => ({
    ...common(alertCreationTime),
    ...typed(row, machineId),
  }));
  return [...(machine ? [{ ...common(alertCreationTime), ...device(machine) }] : []), ...rows];
}

const common = (createdDateTime: string) => ({
  createdDateTime,
  verdict: "unknown",
  remediationStatus: "none",
  remediationStatusDetails: null,
  roles: [] as string[],
  detailedRoles: [] as string[],
  tags: [] as string[],
});

const device = (machine: Machine) => ({
  "@odata.type": "#microsoft.graph.security.deviceEvidence",
  firstSeenDateTime: machine.firstSeen,
  mdeDeviceId: machine.id,
  azureAdDeviceId: machine.aadDeviceId,
  deviceDnsName: machine.computerDnsName,
  osPlatform: machine.osPlatform,
  osBuild: machine.osBuild,
  version: machine.version,
  healthStatus: toGraph(machine.healthStatus),
  riskScore: toGraph(machine.riskScore),
  rbacGroupId: machine.rbacGroupId,
  rbacGroupName: machine.rbacGroupName,
  onboardingStatus: toGraph(machine.onboardingStatus),
  defenderAvStatus: "unknown",
  ipInterfaces: machine.ipAddresses.map(({ ipAddress }) => ipAddress),
  loggedOnUsers: [],
  roles: ["compromised"],
  detailedRoles: ["Main device"],
  tags: machine.machineTags,
  vmMetadata: machine.vmMetadata ?? null,
});

function typed(row: Row, mdeDeviceId: string | null): Record<string, unknown> {
  const type = (name: string) => ({ "@odata.type": `#microsoft.graph.security.${name}Evidence` });
  const onDevice = { detectionStatus: toGraph((row.detectionStatus as string | null) ?? null), mdeDeviceId };
  switch (row.entityType) {
    case "File":
      return { ...type("file"), ...onDevice, fileDetails: file(row) };
    case "Process":
      return { ...type("process"), ...onDevice, ...process(row) };
    case "User":
      return { ...type("user"), userAccount: user(row) };
    case "Ip":
      return { ...type("ip"), ipAddress: row.ipAddress, countryLetterCode: null };
    case "Url":
      return { ...type("url"), url: row.url };
    case "MailMessage":
      return { ...type("analyzedMessage"), ...message(row) };
    case "MailCluster":
      return { ...type("mailCluster"), networkMessageIds: row.networkMessageIds, emailCount: row.emailCount ?? null };
    case "Registry":
      return { ...type("registryKey"), registryKey: row.registryKey, registryHive: row.registryHive };
    default:
      return type("unknownFuture");
  }
}

const file = ({ sha1, sha256, fileName, filePath }: Row) => ({
  sha1,
  sha256,
  fileName,
  filePath,
  fileSize: null,
  filePublisher: null,
  signer: null,
  issuer: null,
});

const process = (row: Row) => ({
  processId: row.processId,
  parentProcessId: row.parentProcessId,
  processCommandLine: row.processCommandLine,
  processCreationDateTime: row.processCreationTime,
  parentProcessCreationDateTime: row.parentProcessCreationTime,
  imageFile: file(row),
  parentProcessImageFile: {
    ...file({ entityType: "File" }),
    sha1: null,
    sha256: null,
    fileName: row.parentProcessFileName,
    filePath: row.parentProcessFilePath,
  },
  userAccount: user(row),
});

const message = (row: Row) => ({
  networkMessageId: row.networkMessageId,
  internetMessageId: row.internetMessageId ?? null,
  subject: row.subject ?? null,
  recipientEmailAddress: row.recipient ?? null,
  p2Sender: row.sender ? { emailAddress: row.sender, displayName: null, domainName: null } : null,
  deliveryAction: "delivered",
  deliveryLocation: "inbox",
  urls: [],
});

const user = ({ accountName, domainName, userSid, aadUserId, userPrincipalName }: Row) => ({
  accountName,
  domainName,
  userSid,
  azureAdUserId: aadUserId,
  userPrincipalName,
  displayName: null,
});
