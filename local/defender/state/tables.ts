import { randomUUID } from "node:crypto";
import type { HuntingAnswer } from "./hunting.ts";
import type { Indicator } from "./indicator.ts";
import type { InvestigationRecord } from "./investigation.ts";
import { createTable, type Row, type Table, type WritableTable } from "./table.ts";

/**
 * The collections of rows a tenant has beside machines, alerts and machine actions, with the properties that tell two
 * rows apart; rows of the others are only ever added. What one entity has to do with another follows from the rows:
 * the software of a machine is what `softwareInventory` lists for it, its vulnerabilities what `machineVulnerabilities`
 * lists.
 */
const keys = {
  investigations: ["id"],
  libraryFiles: ["fileName"],
  indicators: ["id"],
  huntingAnswers: ["match"],
  /** Events that `CreateAlertByReference` may refer to. */
  events: ["machineId", "eventTime", "reportId"],
  files: ["sha1"],
  /** Statistics; those that are missing follow from the evidence of alerts. */
  ips: ["ipAddress"],
  domains: ["host"],
  /** Users of Entra; there are none but these. */
  graphUsers: ["id"],
  /** Users, each with the `machineId` of a machine they log on to. */
  logonUsers: ["machineId", "id"],
  software: ["id"],
  vulnerabilities: ["id"],
  machineVulnerabilities: ["id"],
  recommendations: ["id"],
  exposureScores: ["rbacGroupName"],
  configurationScores: [],
  remediationTasks: ["id"],
  /** Machine references, each with a `remediationTaskId`. */
  remediationTaskMachines: ["remediationTaskId", "id"],
  browserExtensionPermissions: ["id"],
  baselineProfiles: ["id"],
  baselineConfigurations: ["uniqueId"],
  deviceAvInfo: ["id"],
  scanDefinitions: ["id"],
  scanAgents: ["id"],
  scanHistory: [],
  scanSessions: [],
  /** Incidents of Defender XDR; those nobody touched follow from their alerts. */
  incidents: ["incidentId"],
  secureConfigurations: [],
  softwareInventory: [],
  softwareInventoryWithoutProductCode: [],
  softwareVulnerabilities: ["id"],
  softwareVulnerabilityChanges: [],
  browserExtensions: [],
  certificates: [],
  baselineCompliance: [],
  hardwareFirmware: [],
  gatheredInformation: [],
} as const satisfies Record<string, readonly string[]>;

interface Entities {
  investigations: InvestigationRecord;
  indicators: Indicator;
  huntingAnswers: HuntingAnswer;
}

export type TableName = keyof typeof keys;
type EntityOf<Name extends TableName> = Name extends keyof Entities ? Entities[Name] : Row;

export const isTableName = (name: string): name is TableName => Object.hasOwn(keys, name);

/** One change of a table that outlives a restart: a row put, a row gone, or all of them. */
export type TableChange = { table: TableName; key?: string; row?: Row };

export type Tables = { readonly [Name in TableName]: Table<EntityOf<Name>> } & {
  /** Adds a row, or replaces the one with its key. */
  put<Name extends TableName>(table: Name, row: EntityOf<Name>): void;
  delete(table: TableName, key: string): void;
  clear(table: TableName): void;
};

/** Every table of a tenant, empty. Changes go to `record`, which is to `apply` them. */
export function createTables(record: (change: TableChange) => void) {
  const all = {} as Record<TableName, WritableTable>;
  for (const name of Object.keys(keys) as TableName[]) all[name] = createTable();

  function keyOf(table: TableName, row: Row): string {
    const properties: readonly string[] = keys[table];
    return properties.length > 0 ? properties.map((name) => row[name]).join(" ") : randomUUID();
  }

  const tables = {
    ...all,
    put: (table: TableName, row: Row) => record({ table, key: keyOf(table, row), row }),
    delete: (table: TableName, key: string) => record({ table, key }),
    clear: (table: TableName) => record({ table }),
  } as unknown as Tables;

  return {
    tables,
    apply({ table, key, row }: TableChange): void {
      if (key === undefined) all[table].clear();
      else if (row) all[table].put(key, row);
      else all[table].delete(key);
    },
    /** Every row there is. */
    *facts(): Generator<TableChange> {
      for (const name of Object.keys(keys) as TableName[]) {
        for (const [key, row] of all[name].entries()) yield { table: name, key, row };
      }
    },
    clear(): void {
      for (const table of Object.values(all)) table.clear();
    },
  };
}
