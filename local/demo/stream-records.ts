import { defenderTime, type EvidenceEntity, entityColumns } from "./evidence-entities.ts";

/** A record as Defender's streaming API writes it, before anything of ours has looked at it. */
export interface RawRecord {
  time: string;
  tenantId: string;
  operationName: "Publish";
  category: string;
  _TimeReceivedBySvc: string;
  properties: Record<string, unknown>;
  Tenant: "DefaultTenant";
}

/** What a record should say; the rest is made up. */
export interface AlertRecordFields {
  tenantId?: string;
  alertId?: string;
  title?: string;
  severity?: string;
  category?: string;
  /** With names, as Defender writes them: `PowerShell (T1059.001)`. */
  techniques?: readonly string[];
  /** When it happened; now, unless told. */
  at?: Date;
  /** When Defender published the record; shortly after it happened, unless told. */
  publishedAt?: Date;
}

export interface AlertEvidenceFields extends AlertRecordFields {
  /** @default "Machine" */
  entityType?: EvidenceEntity;
  /** Of the entity. @default "Impacted" for machines and users, else "Related" */
  role?: "Impacted" | "Related";
  machineId?: string;
  deviceName?: string;
  /** Last: columns to have other values than these. */
  columns?: Record<string, unknown>;
}

/** The record of AlertInfo that tells what an alert is. */
export function anAlertInfo(fields: AlertRecordFields = {}): RawRecord {
  const alert = { ...defaults(), ...fields };
  return record("AlertInfo", alert, {
    Timestamp: defenderTime(alert.at),
    AlertId: alert.alertId,
    Title: alert.title,
    Category: alert.category,
    Severity: alert.severity,
    ServiceSource: "Microsoft Defender for Endpoint",
    DetectionSource: "EDR",
    MachineGroup: null,
    AttackTechniques: listText(alert.techniques),
  });
}

/** One record of AlertEvidence: the machine, or something on it, or an address. */
export function anAlertEvidence(fields: AlertEvidenceFields = {}): RawRecord {
  const alert = { ...defaults(), ...fields };
  const { entityType } = alert;
  const isHit = entityType === "Machine" || entityType === "User";
  const role = fields.role ?? (isHit ? "Impacted" : "Related");
  return record("AlertEvidence", alert, {
    ...emptyEvidence,
    Timestamp: defenderTime(alert.at),
    AlertId: alert.alertId,
    EntityType: entityType,
    EvidenceRole: role,
    Title: alert.title,
    Severity: alert.severity,
    Categories: listText([alert.category]),
    AttackTechniques: listText(alert.techniques),
    ...entityColumns[entityType]({ ...alert, role }),
    ...fields.columns,
  });
}

/** All records of one alert: what it is, its machine, and a process and a user on it. */
export function aWholeAlert(fields: Omit<AlertEvidenceFields, "entityType" | "role" | "columns"> = {}): RawRecord[] {
  const alert = { ...defaults(), ...fields };
  const evidence = (["Machine", "Process", "User"] as const).map((entityType) =>
    anAlertEvidence({ ...alert, entityType }),
  );
  return [anAlertInfo(alert), ...evidence];
}

/** The body of an Event Hubs message with the records in it. */
export const aMessage = (records: readonly object[]): string => JSON.stringify({ records });

type Alert = ReturnType<typeof defaults>;

const defaults = () => ({
  tenantId: "6b7c1f0e-52d4-4c39-9a4e-8f0d2f6f4c11",
  alertId: "da639030437162236631_-1182690713",
  title: "Suspicious PowerShell command line",
  severity: "High",
  category: "Execution",
  techniques: ["Command and Scripting Interpreter (T1059)", "PowerShell (T1059.001)"] as readonly string[],
  at: new Date(),
  machineId: "9c3f5a2e7d1b4860c2e9f7a1b3d5e8046f2a7c91",
  deviceName: "fin-laptop-07.contoso.example",
  entityType: "Machine" as EvidenceEntity,
});

function record(table: string, alert: AlertRecordFields & Alert, properties: Record<string, unknown>): RawRecord {
  const publishedAt = alert.publishedAt ?? new Date(alert.at.getTime() + 40);
  return {
    time: defenderTime(publishedAt),
    tenantId: alert.tenantId,
    operationName: "Publish",
    category: `AdvancedHunting-${table}`,
    _TimeReceivedBySvc: defenderTime(new Date(publishedAt.getTime() - 30)),
    properties,
    Tenant: "DefaultTenant",
  };
}

/** Every row of AlertEvidence has every column. */
const emptyEvidence = {
  SHA1: null,
  SHA256: null,
  RemoteIP: null,
  LocalIP: null,
  RemoteUrl: null,
  AccountName: null,
  AccountDomain: null,
  AccountSid: null,
  AccountObjectId: null,
  DeviceId: null,
  ThreatFamily: null,
  EvidenceDirection: null,
  AdditionalFields: null,
  MachineGroup: null,
  NetworkMessageId: null,
  ServiceSource: "Microsoft Defender for Endpoint",
  FileName: null,
  FolderPath: null,
  ProcessCommandLine: null,
  EmailSubject: null,
  ApplicationId: null,
  Application: null,
  DeviceName: null,
  FileSize: null,
  RegistryKey: null,
  RegistryValueName: null,
  RegistryValueData: null,
  AccountUpn: null,
  OAuthApplicationId: null,
  DetectionSource: "EDR",
  CloudResource: null,
  CloudPlatform: "",
  ResourceType: null,
  ResourceID: null,
  SubscriptionId: "",
};

const listText = (items: readonly string[]): string => (items.length === 0 ? "" : JSON.stringify(items));
