import type { z } from "zod";
import type { FileHash } from "../../shared/defender/files/file.ts";
import { devicesWithFileHunt } from "../../shared/defender/hunting/file-hunts.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { StepFailed } from "../../shared/errors.ts";
import { type Activity, attempt, overOutages, type Run, type Steps } from "../../shared/playbook.ts";
import { readRuns } from "../activities/read-runs.ts";
import { runHuntingQuery } from "../activities/run-hunting-query.ts";
import { startBlockFile } from "../activities/start-block-file.ts";

/** The activities it takes to see to the file of an outbreak. */
export const ON_THE_FILE: readonly Activity[] = [startBlockFile, runHuntingQuery, readRuns];

/** Finds the devices on which a file was seen, one more than `atMost` where there are more. Failure is said in words. */
export function* devicesWithFile(
  run: Run,
  sha256: FileHash,
  atMost: number,
): Steps<{ machineIds: MachineId[]; isComplete: boolean; words: string }> {
  run.report("hunting for devices that have the file");
  const query = devicesWithFileHunt(sha256, atMost + 1);
  const hunt = yield* overOutages(run, () => run.step(runHuntingQuery, { query, atMost: atMost + 1 }));
  if (hunt instanceof StepFailed) {
    const words = `Devices with the file could not be looked for: ${hunt.reason}.`;
    return { machineIds: [], isComplete: false, words };
  }
  const machineIds = hunt.rows.flatMap(({ DeviceId }) => MachineId.safeParse(DeviceId).data ?? []);
  const isComplete = !hunt.hasMore && machineIds.length === hunt.rows.length;
  const count = `${hunt.hasMore ? "more than " : ""}${machineIds.length}`;
  return { machineIds, isComplete, words: `Hunting has seen the file on ${count} device(s).` };
}

/** The block of a file, by a run of its own. */
export interface Block {
  runId?: string | undefined;
  /** Where it stood when it was last looked at, in whole sentences. */
  words: string;
}

/** Has a file blocked on all devices. Nothing waits for it. */
export function* startBlock(run: Run, asked: z.input<typeof startBlockFile.input>): Steps<Block> {
  const block = yield* overOutages(run, () => run.step(startBlockFile, asked));
  const what = `Block of file ${asked.hash}`;
  if (block instanceof StepFailed) return { words: `${what}: could not be started: ${block.reason}.` };
  const { runId } = block;
  return runId ? { runId, words: `${what}: started, run ${runId}.` } : { words: `${what}: would be started.` };
}

/** Says what came of the block, as far as it has come. */
export function* describeBlock(run: Run, { runId, words }: Block): Steps<string> {
  if (!runId) return words;
  const seen = yield* attempt(run.step(readRuns, { runIds: [runId] }));
  const says = seen instanceof StepFailed ? undefined : seen.runs[0]?.words;
  return says ? `${says.replace(/\.$/, "")} (run ${runId}).` : words;
}
