import { MachineId } from "../defender/machines/machine.ts";
import { readAdditionalFields } from "./additional-fields.ts";
import type { AlertEvidenceRow } from "./alert-rows.ts";
import { oneLine } from "./one-line.ts";

/** A machine an alert's evidence names. */
export interface EvidenceMachine {
  id: MachineId;
  name?: string;
  /** `Impacted` only where Defender says so; a machine that is merely related must not be cut off. */
  role: "Impacted" | "Related";
  /** Whether the evidence is the machine itself or something that was found on it. */
  from: "machine" | "entity";
}

/**
 * The machine to act on, from all rows of one alert that are known, or from one. It is exactly named by its id: undefined
 * means that the alert has to be looked up, and never that a name may be tried.
 */
export function targetMachine(evidence: AlertEvidenceRow | readonly AlertEvidenceRow[]): EvidenceMachine | undefined {
  return machinesIn(Array.isArray(evidence) ? evidence : [evidence as AlertEvidenceRow])[0];
}

/**
 * Each machine the rows name, once, the one to act on first: rows about a machine before rows about something on it, and
 * impacted before related. The order of the rows decides only between machines that are alike in both.
 */
export function machinesIn(rows: readonly AlertEvidenceRow[]): EvidenceMachine[] {
  const named = rows.flatMap((row) => machineOf(row) ?? []);
  const byRank = named.toSorted((a, b) => rankOf(a) - rankOf(b));
  const byId = new Map<string, EvidenceMachine>();
  for (const machine of byRank) if (!byId.has(machine.id)) byId.set(machine.id, machine);
  return [...byId.values()];
}

const rankOf = ({ from, role }: EvidenceMachine): number =>
  (from === "machine" ? 0 : 2) + (role === "Impacted" ? 0 : 1);

function machineOf(row: AlertEvidenceRow): EvidenceMachine | undefined {
  switch (row.EntityType?.toLowerCase()) {
    case "machine":
      return machineItself(row);
    case "process":
    case "file":
    case "user":
      return machineItIsOn(row);
    default:
      return undefined;
  }
}

function machineItself(row: AlertEvidenceRow): EvidenceMachine | undefined {
  const fields = readAdditionalFields(row.AdditionalFields);
  const id = machineIdIn(row.DeviceId) ?? machineIdIn(fields.at("MachineId"));
  const role = row.EvidenceRole?.toLowerCase() === "impacted" ? "Impacted" : "Related";
  return id && { id, ...named(row.DeviceName ?? hostName(fields.at())), role, from: "machine" };
}

/** The row's own role is that of the process, file or user; the machine's is on its host entry. */
function machineItIsOn(row: AlertEvidenceRow): EvidenceMachine | undefined {
  const fields = readAdditionalFields(row.AdditionalFields);
  for (const path of [["Host"], ["ImageFile", "Host"]]) {
    const id = machineIdIn(fields.at(...path, "MachineId"));
    if (id === undefined) continue;
    const role = fields.at(...path, "Role") === IMPACTED ? "Impacted" : "Related";
    return { id, ...named(hostName(fields.at(...path))), role, from: "entity" };
  }
  // Rows of 2022 and before carried the machine in their own columns.
  const id = machineIdIn(row.DeviceId);
  return id && { id, ...named(row.DeviceName), role: "Related", from: "entity" };
}

/** How AdditionalFields writes the role: 0 impacted, 1 related. */
const IMPACTED = 0;

/** Machine ids become part of addresses, so nothing else may pass for one. */
const machineIdIn = (value: unknown): MachineId | undefined => MachineId.safeParse(value).data;

function hostName(host: unknown): string | undefined {
  const { NetBiosName, HostName } = Object(host) as Record<string, unknown>;
  // Despite its name NetBiosName holds the full name.
  return [NetBiosName, HostName].find((name) => typeof name === "string" && name !== "") as string | undefined;
}

const named = (name: string | undefined) => (name === undefined ? {} : { name: oneLine(name, 255) });
