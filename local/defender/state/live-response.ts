import { z } from "zod";
import { toDefenderTime } from "./timestamp.ts";

/** A command as the API takes and prints it. */
export interface Command {
  readonly type: "PutFile" | "RunScript" | "GetFile";
  readonly params: readonly { key: string; value: string }[];
}

const ScriptResult = z.strictObject({
  exitCode: z.number().int().default(0),
  output: z.string().default(""),
  errors: z.string().default(""),
  /** How long it runs; what runs for more than ten minutes is ended and fails. @default as long as other commands */
  runsForMs: z.number().min(0).optional(),
});

/** What live response meets on a machine. Where nothing is said, scripts end well and files are there. */
export const LiveResponseBehaviour = z.strictObject({
  /** What scripts say, by the name in the library. */
  scripts: z.record(z.string(), ScriptResult).default({}),
  /** What is in files, by their path. */
  files: z.record(z.string(), z.string()).default({}),
  /** Commands that fail, by the name or path they are about, and the error they fail with. */
  failing: z.record(z.string(), z.string()).default({}),
});
export type LiveResponseBehaviour = z.infer<typeof LiveResponseBehaviour>;

/** @see https://learn.microsoft.com/en-us/defender-endpoint/api/run-live-response */
const SCRIPT_TIMEOUT_MS = 10 * 60_000;

/** What came of a command on the machine, and how long that took. */
export type CommandResult = { takesMs: number } & Outcome;

type Outcome =
  | { error: string }
  | { transcript: { script_name: string; exit_code: number; script_output: string; script_errors: string } }
  | { file: { name: string; content: string } }
  | { done: true };

const ABOUT = { PutFile: "FileName", RunScript: "ScriptName", GetFile: "Path" } as const;

/** The name or path a command is about. */
export const subjectOf = ({ type, params }: Command): string =>
  params.find(({ key }) => key === ABOUT[type])?.value ?? "";

/** The results of a session's commands: up to the first that fails, as none is tried after it. */
export function performCommands(
  commands: readonly Command[],
  { scripts, files, failing }: LiveResponseBehaviour,
  isInLibrary: (fileName: string) => boolean,
  usualMs: number,
): CommandResult[] {
  const results: CommandResult[] = [];
  for (const command of commands) {
    const runsForMs = command.type === "RunScript" ? scripts[subjectOf(command)]?.runsForMs : undefined;
    const result: CommandResult =
      runsForMs !== undefined && runsForMs > SCRIPT_TIMEOUT_MS
        ? { takesMs: SCRIPT_TIMEOUT_MS, error: "The script was ended after 10 minutes." }
        : { takesMs: runsForMs ?? usualMs, ...perform(command) };
    results.push(result);
    if ("error" in result) break;
  }
  return results;

  function perform(command: Command): Outcome {
    const about = subjectOf(command);
    const error = failing[about];
    if (error !== undefined) return { error };
    if (command.type === "GetFile") {
      return { file: { name: about.split(/[\\/]/).at(-1) ?? about, content: files[about] ?? `Content of ${about}\n` } };
    }
    if (!isInLibrary(about)) return { error: `The file '${about}' was not found in the library.` };
    if (command.type === "PutFile") return { done: true };
    const { exitCode, output, errors } = scripts[about] ?? { exitCode: 0, output: `${about} has run.\n`, errors: "" };
    return {
      transcript: { script_name: about, exit_code: exitCode, script_output: output, script_errors: errors },
    };
  }
}

/** A session's commands run one after the other from `startsAt` on, in milliseconds since 1970. */
export interface Session {
  startsAt: number;
  results: readonly CommandResult[];
}

/** The commands as the API prints them at a given time. Without a session none has run. */
export function commandsAt(commands: readonly Command[], session: Session | undefined, now: number) {
  let turn = session?.startsAt ?? now;
  return commands.map((command, index) => {
    const created = {
      index,
      startTime: null,
      endTime: null,
      commandStatus: "Created",
      errors: [] as string[],
      command,
    };
    const result = session?.results[index];
    if (!result) return created;
    const startsAt = turn;
    const endsAt = startsAt + result.takesMs;
    turn = endsAt;
    if (now < startsAt) return created;
    const started = { ...created, startTime: toDefenderTime(startsAt) };
    if (now < endsAt) return started;
    const errors = "error" in result ? [result.error] : [];
    const commandStatus = errors.length > 0 ? "Failed" : "Completed";
    return { ...started, endTime: toDefenderTime(endsAt), commandStatus, errors };
  });
}
