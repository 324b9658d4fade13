import { type DownloadLimits, download } from "../download.ts";
import { addressOf } from "../machine-actions/link.ts";
import type { MachineActionId } from "../machine-actions/machine-action.ts";
import type { MachineId } from "../machines/machine.ts";
import type { Send } from "../send.ts";
import { liveResponseCalls } from "./calls.ts";
import { type LiveResponseCommand, toSentCommands } from "./command.ts";
import { readTranscript, type ScriptTranscript } from "./transcript.ts";
import { unpack } from "./unpack.ts";

const LARGEST_TRANSCRIPT_BYTES = 8 * 1024 ** 2;

/** The link to a file lives for half an hour, and the file may come over a slow line. */
const FILE_MS = 15 * 60_000;
const TRANSCRIPT_MS = 60_000;

/** Runs commands on machines. */
export const createLiveResponse = (send: Send) => {
  const resultLink = async (machineActionId: MachineActionId, index: number): Promise<string> =>
    addressOf(await send(liveResponseCalls.resultLink, { ids: { machineActionId, index } }));

  return {
    /**
     * Starts a session; a machine has one at a time. A command that fails ends it. An offline machine takes it up within
     * two hours or not at all.
     *
     * @throws PermanentError `InvalidCommands`, before anything is sent
     * @throws DefenderConflictError while another session is under way
     */
    async run(
      machineId: MachineId,
      { commands, comment }: { commands: readonly LiveResponseCommand[]; comment: string },
    ) {
      const body = { Commands: toSentCommands(commands), Comment: comment };
      return send(liveResponseCalls.run, { ids: { machineId }, body });
    },

    /**
     * Where to download the result of a command from, for half an hour; a new link may be asked for at any time.
     *
     * @param index of the command in its session, from 0, every command counted
     * @throws DefenderNotFoundError while there is no result
     */
    resultLink,

    /** The result of a command as it comes, compressed or not, piece by piece. Nothing is asked for before it is read. */
    async *result(
      machineActionId: MachineActionId,
      index: number,
      limit: Pick<DownloadLimits, "atMostBytes" | "advice">,
    ): AsyncGenerator<Uint8Array, void> {
      const link = await resultLink(machineActionId, index);
      yield* download(link, { ...limit, timeoutMs: FILE_MS });
    },

    /** What a script said. @throws PermanentError `ResultTooLarge` for more than 8 MB, `UnreadableResult` for what is no transcript */
    async transcript(machineActionId: MachineActionId, index: number): Promise<ScriptTranscript> {
      const link = await resultLink(machineActionId, index);
      const pieces: Uint8Array[] = [];
      const limits = { atMostBytes: LARGEST_TRANSCRIPT_BYTES, timeoutMs: TRANSCRIPT_MS };
      for await (const piece of download(link, limits)) pieces.push(piece);
      return readTranscript(await unpack(Buffer.concat(pieces), LARGEST_TRANSCRIPT_BYTES));
    },
  };
};
