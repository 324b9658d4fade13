import { createHash } from "node:crypto";

/** What the entities of one alert have in common: the machine they are on, and when. */
export interface OnMachine {
  machineId: string;
  deviceName: string;
  at: Date;
  /** Of the row's entity; a process that is merely related still was on an impacted machine. */
  role: "Impacted" | "Related";
}

/** The columns an entity fills on its row. Only a machine has its id in a column; elsewhere it is inside AdditionalFields. */
export const entityColumns = {
  Machine: (alert: OnMachine) => ({
    DeviceId: alert.machineId,
    DeviceName: alert.deviceName,
    AdditionalFields: JSON.stringify({ ...host(alert), Role: alert.role === "Related" ? 1 : 0 }),
  }),

  Process: (alert: OnMachine) => ({
    FileName: "powershell.exe",
    FolderPath: POWERSHELL_FOLDER,
    SHA1: digest("sha1", "powershell.exe"),
    SHA256: digest("sha256", "powershell.exe"),
    FileSize: 450560,
    ProcessCommandLine: COMMAND_LINE,
    AdditionalFields: JSON.stringify({
      $id: "1",
      ProcessId: "8844",
      CommandLine: COMMAND_LINE,
      ElevationToken: "Default",
      CreationTimeUtc: defenderTime(alert.at),
      ImageFile: { $id: "2", ...powershellFile, Host: host(alert, "3"), Type: "file" },
      Account: { $id: "4", ...account, Host: { $ref: "3" }, Type: "account", Role: 0 },
      ParentProcess: {
        $id: "5",
        ProcessId: "6120",
        CommandLine: '"WINWORD.EXE" /n "C:\\Users\\megan\\Downloads\\invoice.docm"',
        Account: { $ref: "4" },
        Host: { $ref: "3" },
        Type: "process",
      },
      Host: { $ref: "3" },
      Type: "process",
      Role: 1,
      ...state("Suspicious"),
      ...mergeKey(`process ${alert.machineId} 8844`),
    }),
  }),

  File: (alert: OnMachine) => ({
    FileName: "powershell.exe",
    FolderPath: POWERSHELL_FOLDER,
    SHA1: digest("sha1", "powershell.exe"),
    SHA256: digest("sha256", "powershell.exe"),
    FileSize: 450560,
    AdditionalFields: JSON.stringify({
      ...powershellFile,
      Host: host(alert, "2"),
      Type: "file",
      Role: 1,
      ...state("Suspicious"),
      ...mergeKey(`file ${alert.machineId} powershell.exe`),
    }),
  }),

  User: (alert: OnMachine) => ({
    AccountName: account.Name,
    AccountDomain: account.NTDomain,
    AccountSid: account.Sid,
    AccountObjectId: account.AadUserId,
    AccountUpn: `${account.Name}@${account.UPNSuffix}`,
    AdditionalFields: JSON.stringify({
      ...account,
      Host: host(alert, "2"),
      Type: "account",
      Role: 0,
      ...state("Suspicious"),
      ...mergeKey(`account ${account.Sid}`),
    }),
  }),

  Ip: () => ({
    RemoteIP: "203.0.113.77",
    AdditionalFields: JSON.stringify({
      Address: "203.0.113.77",
      Location: { CountryCode: "SE", City: "Umeå", Asn: 64501 },
      Type: "ip",
      Role: 1,
      ...mergeKey("ip 203.0.113.77"),
    }),
  }),
} satisfies Record<string, (alert: OnMachine) => Record<string, unknown>>;
export type EvidenceEntity = keyof typeof entityColumns;

const POWERSHELL_FOLDER = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0";
const COMMAND_LINE = '"powershell.exe" -NoProfile -WindowStyle Hidden -EncodedCommand ZQBjAGgAbwAgAGgAaQA=';

const digest = (algorithm: "sha1" | "sha256", of: string): string => createHash(algorithm).update(of).digest("hex");

const powershellFile = {
  Directory: POWERSHELL_FOLDER,
  Name: "powershell.exe",
  SizeInBytes: 450560,
  FileHashes: [
    { Algorithm: "SHA1", Value: digest("sha1", "powershell.exe"), Type: "filehash" },
    { Algorithm: "SHA256", Value: digest("sha256", "powershell.exe"), Type: "filehash" },
  ],
};

const account = {
  Name: "megan",
  NTDomain: "CONTOSO",
  UPNSuffix: "contoso.example",
  Sid: "S-1-5-21-2089134761-3184706012-1440937285-4113",
  AadUserId: "c41b9d3a-0a5e-4f7c-8b1e-5d2f90a7e363",
  DisplayName: "Megan Bowen",
};

/** A machine as AdditionalFields writes it. Its id in the text is left out on a row of its own. */
function host({ machineId, deviceName, at }: OnMachine, id?: string) {
  const [name = "", ...domain] = deviceName.split(".");
  return {
    ...(id !== undefined && { $id: id }),
    DnsDomain: domain.join("."),
    HostName: name,
    NetBiosName: deviceName,
    OSFamily: "Windows",
    OSVersion: "10.0",
    IsDomainJoined: true,
    RemediationProviders: [
      { RemediationState: "Active", RemediationDate: defenderTime(at), Type: "remediation-provider" },
    ],
    Asset: true,
    DetailedRoles: ["PrimaryDevice"],
    RbacScopes: {
      ScopesPerType: {
        MachineGroupIds: { Mode: "Any", Scopes: ["12"] },
        Workloads: { Mode: "All", Scopes: ["Mdatp"] },
      },
    },
    Type: "host",
    LeadingHost: true,
    Role: 0,
    MachineId: machineId,
    MachineIdType: 3,
    HostMachineId: null,
    ...state("Suspicious"),
    ...mergeKey(`host ${machineId}`),
  };
}

const state = (verdict: string) => ({
  LastRemediationState: "Active",
  LastVerdict: verdict,
  DetectionStatus: "Detected",
  SuspicionLevel: verdict,
  IsIoc: false,
});

/** The same entity has the same key on every row. */
function mergeKey(entity: string) {
  const key = createHash("sha1").update(entity).digest();
  return { MergeByKey: key.toString("base64"), MergeByKeyHex: key.toString("hex").toUpperCase() };
}

/** Seven digits of a second, of which the clock knows three. */
export const defenderTime = (date: Date): string => date.toISOString().replace("Z", "0000Z");
