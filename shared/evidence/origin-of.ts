import type { MachineAction } from "../defender/machine-actions/machine-action.ts";
import type { Origin } from "./piece.ts";

const LONGEST = 4_096;

/**
 * What a machine action says about what it has collected.
 *
 * @param path of the file that was asked for, or of the script
 */
export function originOf(action: MachineAction, path?: string): Origin {
  const said = {
    machineName: action.computerDnsName,
    path,
    requestedAt: action.creationDateTimeUtc,
    requestor: action.requestor,
    comment: action.requestorComment,
    collectedAt: action.lastUpdateDateTimeUtc,
  };
  return Object.fromEntries(
    Object.entries(said).flatMap(([name, value]) =>
      typeof value === "string" && value !== "" ? [[name, value.slice(0, LONGEST).toWellFormed()]] : [],
    ),
  );
}
