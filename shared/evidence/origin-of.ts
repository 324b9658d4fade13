import { commandsOf, type MachineAction } from "../defender/machine-actions/machine-action.ts";
import type { Origin } from "./piece.ts";

const LONGEST = 4_096;

/**
 * What a machine action says about what it has collected.
 *
 * @param index of the command in a live response session, from 0
 */
export function originOf(action: MachineAction, index = 0): Origin {
  const params = commandsOf(action).find((command, place) => (command.index ?? place) === index)?.command?.params ?? [];
  const path = params.find(({ key }) => key === "Path" || key === "ScriptName")?.value;
  const said = {
    machineName: action.computerDnsName,
    path,
    requestedAt: action.creationDateTimeUtc,
    requestedBy: action.requestor,
    comment: action.requestorComment,
    collectedAt: action.lastUpdateDateTimeUtc,
  };
  return Object.fromEntries(
    Object.entries(said).flatMap(([name, value]) =>
      typeof value === "string" && value !== "" ? [[name, value.slice(0, LONGEST).toWellFormed()]] : [],
    ),
  );
}
