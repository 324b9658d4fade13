import { type Alert, makeAlert } from "../alert.ts";
import type { Machine } from "../machine.ts";
import { toDefenderTime } from "../timestamp.ts";
import type { Random } from "./random.ts";

interface Detection {
  title: string;
  category: string;
  severity: string;
  mitreTechniques: string[];
  fileName: string;
  commandLine: string;
}

const DETECTIONS: readonly Detection[] = [
  {
    title: "Suspicious PowerShell command line",
    category: "Execution",
    severity: "Medium",
    mitreTechniques: ["T1059.001"],
    fileName: "powershell.exe",
    commandLine: "powershell.exe -nop -w hidden -enc SQBFAFgA",
  },
  {
    title: "Possible credential dumping",
    category: "CredentialAccess",
    severity: "High",
    mitreTechniques: ["T1003.001"],
    fileName: "procdump64.exe",
    commandLine: "procdump64.exe -ma lsass.exe out.dmp",
  },
  {
    title: "Ransomware behavior detected in the file system",
    category: "Ransomware",
    severity: "High",
    mitreTechniques: ["T1486"],
    fileName: "update-helper.exe",
    commandLine: "update-helper.exe --all --quiet",
  },
  {
    title: "Unwanted software was prevented",
    category: "UnwantedSoftware",
    severity: "Informational",
    mitreTechniques: [],
    fileName: "toolbar-setup.exe",
    commandLine: "toolbar-setup.exe /S",
  },
  {
    title: "Connection to a suspicious domain",
    category: "CommandAndControl",
    severity: "Low",
    mitreTechniques: ["T1071.001"],
    fileName: "rundll32.exe",
    commandLine: "rundll32.exe c:\\users\\public\\cache.dll,Start",
  },
];
const HOUR_MS = 60 * 60_000;

/** Counts of 100 ns ticks that alert ids begin with; the moment itself means nothing. */
const FIRST_TICKS = 638_700_000_000_000_000n;

/** An alert on a machine of the last ten days, with the user, process, file, address and URL that belong to it. */
export function seedAlert(random: Random, number: number, where: Place): Alert {
  const { machine, user, file, tenantId, now } = where;
  const { fileName, commandLine, ...detection } = random.one(DETECTIONS);
  const createdAt = now - random.below(10 * 24 * HOUR_MS);
  const eventTime = toDefenderTime(createdAt - random.below(HOUR_MS));
  const host = random.one(["cdn.malicious.example", "updates.invalid-vendor.example", "login.contoso-mail.example"]);
  const status = random.one(["New", "New", "InProgress", "Resolved"]);
  const detected = { sha1: file.sha1, sha256: file.sha256, fileName, filePath: "C:\\Users\\Public" };
  return makeAlert(
    {
      ...detection,
      id: `da${FIRST_TICKS + BigInt(number) * 10_000_000n}_${random.below(2 ** 31)}`,
      incidentId: 1000 + Math.floor(number / 3),
      description: `${detection.title}: ${fileName} did what attackers do.`,
      status,
      ...(status === "Resolved" && {
        resolvedTime: toDefenderTime(createdAt + HOUR_MS),
        ...random.one([
          { classification: "TruePositive", determination: "Malware" },
          { classification: "FalsePositive", determination: "Clean" },
        ]),
      }),
      detectionSource: random.one(["WindowsDefenderAtp", "WindowsDefenderAv"]),
      detectorId: `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}-${random.hex(12)}`,
      alertCreationTime: toDefenderTime(createdAt),
      firstEventTime: eventTime,
      lastEventTime: toDefenderTime(createdAt),
      lastUpdateTime: toDefenderTime(createdAt),
      machineId: machine.id,
      relatedUser: { userName: user.accountName, domainName: user.accountDomain },
      evidence: [
        { entityType: "User", accountName: user.accountName, domainName: user.accountDomain, userSid: user.accountSid },
        {
          entityType: "Process",
          ...detected,
          processId: 1000 + random.below(9000),
          processCommandLine: commandLine,
          processCreationTime: eventTime,
          parentProcessId: 500 + random.below(500),
          parentProcessFileName: "explorer.exe",
          parentProcessFilePath: "C:\\Windows",
          detectionStatus: "Detected",
        },
        { entityType: "File", ...detected, detectionStatus: "Detected" },
        { entityType: "Ip", ipAddress: `198.51.100.${1 + random.below(254)}` },
        { entityType: "Url", url: `https://${host}/${random.hex(6)}` },
      ],
    },
    machine,
    tenantId,
    now,
  );
}

/** Where an alert happens, and with what file. */
export interface Place {
  machine: Machine;
  user: { accountName: string; accountDomain: string; accountSid: string };
  file: SeedFile;
  tenantId: string;
  now: number;
}

export type SeedFile = ReturnType<typeof seedFile>;

export const seedFile = (random: Random, now: number) => ({
  sha1: random.hex(40),
  sha256: random.hex(64),
  md5: random.hex(32),
  globalPrevalence: random.below(5000),
  globalFirstObserved: toDefenderTime(now - (30 + random.below(300)) * 24 * HOUR_MS),
  globalLastObserved: toDefenderTime(now - random.below(24 * HOUR_MS)),
  size: 10_000 + random.below(5_000_000),
  fileType: "PortableExecutable",
  isPeFile: true,
  filePublisher: null,
  fileProductName: null,
  signer: null,
  issuer: null,
  signerHash: null,
  isValidCertificate: false,
  determinationType: random.one(["Unknown", "Malware", "Pua"]),
  determinationValue: null,
});
