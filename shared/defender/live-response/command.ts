import { z } from "zod";
import { PermanentError } from "../../errors.ts";
import { LibraryFileName } from "../library-files/library-file.ts";
import { commandsOf, type MachineAction } from "../machine-actions/machine-action.ts";

/** Which command of a session; every one is counted, also those without a result. */
export const CommandIndex = z.int().min(0).max(99).default(0).describe("Of the command in its session, from 0");

/** The arguments of a script, as one text. */
export const ScriptArguments = z.string().max(8_000).describe("The arguments of the script, as one text");

/**
 * One command of a live response session.
 *
 * `PutFile` puts a file of the library on the machine, `RunScript` runs a script of the library there, for ten minutes at
 * most, and `GetFile` fetches a file from the machine.
 */
export const LiveResponseCommand = z.discriminatedUnion("type", [
  z.object({ type: z.literal("PutFile"), fileName: LibraryFileName }),
  z.object({ type: z.literal("RunScript"), scriptName: LibraryFileName, args: ScriptArguments.optional() }),
  z.object({ type: z.literal("GetFile"), path: z.string().min(1) }),
]);
export type LiveResponseCommand = z.infer<typeof LiveResponseCommand>;

/** A command as Defender takes it. */
export interface SentCommand {
  type: LiveResponseCommand["type"];
  params: { key: string; value: string }[];
}

/**
 * The commands as Defender takes them. `Args` is left out where none are given; whoever must send it empty says `""`.
 *
 * @throws PermanentError `InvalidCommands` when there are none, or when they are not in the order Defender asks for
 */
export function toSentCommands(commands: readonly LiveResponseCommand[]): SentCommand[] {
  if (commands.length === 0) throw new PermanentError("InvalidCommands", "A live response needs a command");
  const order = commands.map(({ type }) => ORDER.indexOf(type));
  if (order.some((place, index) => place < (order[index - 1] ?? 0))) {
    const given = commands.map(({ type }) => type).join(", ");
    throw new PermanentError("InvalidCommands", `Live response takes ${ORDER.join(", then ")}, and was given ${given}`);
  }
  return commands.map((command) => ({
    type: command.type,
    params: parametersOf(command).map(([key, value]) => ({ key, value })),
  }));
}

/** @see https://learn.microsoft.com/en-us/defender-endpoint/api/run-live-response - each may repeat */
const ORDER: readonly LiveResponseCommand["type"][] = ["PutFile", "RunScript", "GetFile"];

function parametersOf(command: LiveResponseCommand): [key: string, value: string][] {
  switch (command.type) {
    case "PutFile":
      return [["FileName", command.fileName]];
    case "RunScript":
      return [
        ["ScriptName", command.scriptName],
        ...(command.args === undefined ? [] : [["Args", command.args] satisfies [string, string]]),
      ];
    case "GetFile":
      return [["Path", command.path]];
  }
}

/** Whether a machine action is a session with just these commands. */
export function hasCommands(session: MachineAction, wanted: readonly LiveResponseCommand[]): boolean {
  const listed = commandsOf(session).map(({ command }) => described(command?.type, command?.params));
  const sent = toSentCommands(wanted).map(({ type, params }) => described(type, params));
  return listed.length === sent.length && sent.every((command, index) => command === listed[index]);
}

/** An argument that is empty is one that is not there. */
const described = (
  type: string | null | undefined,
  params: readonly { key?: string | null | undefined; value?: string | null | undefined }[] | null | undefined,
): string =>
  JSON.stringify([type, ...(params ?? []).flatMap(({ key, value }) => (value ? [[key, value]] : [])).sort()]);
