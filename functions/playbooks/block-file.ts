import { z } from "zod";
import { FileHash } from "../../shared/defender/files/file.ts";
import { defineRunbook } from "../../shared/playbook.ts";
import { getFile } from "../activities/get-file.ts";
import { listFileMachines } from "../activities/list-file-machines.ts";
import { stopAndQuarantineFile } from "../activities/stop-and-quarantine-file.ts";
import { submitIndicator } from "../activities/submit-indicator.ts";
import { blockIndicator, expiryDays } from "./block-indicator.ts";
import { commentFor, onMachine } from "./carry-out.ts";
import { NOT_LOOKED, sightingsOf } from "./file-sightings.ts";
import { FOLLOWING } from "./follow-machine-action.ts";
import { type CameOnMachine, describeEach, onEachMachine } from "./on-each-machine.ts";
import { aboutAlert, describeAbout, openTicketOfRun, TELLING } from "./ticket-of-run.ts";

/** Blocks a file everywhere, and takes it from the devices that have it. */
export const blockFile = defineRunbook({
  name: "block-file",
  version: 1,
  summary: "Blocks a file on all devices, and stops and quarantines it on those where it was seen.",
  when: "A file is known to be bad, and may be on more devices than one.",
  does: "Has Defender block the file on all devices until the indicator expires, then stops and quarantines it on the devices where it was seen, those seen last first and no more than `mostMachines`, and says on ticket and alert what came of it on each.",
  asks: "Nobody by itself; the policy judges every device.",
  never: "Quarantines on more devices than it was told to: the ticket says how many are left out.",
  undo: "`POST /api/runs/{id}/undo` deletes the indicator. A person restores the file on each device.",
  uses: [submitIndicator, getFile, listFileMachines, stopAndQuarantineFile, ...TELLING, ...FOLLOWING],
  input: z.object({
    ...aboutAlert,
    hash: FileHash.describe("SHA-1 or SHA-256 of the file"),
    mostMachines: z.int().min(0).max(50).default(10).describe("On how many devices to quarantine; 0 = only block"),
    expiryDays,
    queuedAfterSeconds: onMachine.queuedAfterSeconds,
  }),

  *steps(run, input) {
    const { hash, mostMachines, alertId } = input;
    const what = `Block of file ${hash}`;
    const block = yield* blockIndicator(run, input, {
      what,
      indicatorType: hash.length === 40 ? "FileSha1" : "FileSha256",
      indicatorValue: hash,
      action: "BlockAndRemediate",
      expiryDays: input.expiryDays,
    });
    const isRefused = ["not-allowed", "declined", "expired"].includes(block.outcome);
    const seen = isRefused || mostMachines === 0 ? NOT_LOOKED : yield* sightingsOf(run, hash);
    const ticket = yield* openTicketOfRun(run, input, {
      title: what,
      lines: [`${what} on all devices, for ${describeAbout(input)}.`, `${what}: ${block.words}.`, seen.words],
    });

    const { sha1 } = seen;
    const chosen = seen.machines.slice(0, mostMachines);
    const quarantines = sha1
      ? yield* onEachMachine(run, chosen, {
          what: "Quarantine",
          request: (machineId) =>
            run.step(stopAndQuarantineFile, { machineId, sha1, comment: commentFor(what, input) }),
          queuedAfter: { seconds: input.queuedAfterSeconds },
          tell: (words) => ticket.tell("queued", words),
        })
      : [];

    const leftOut = seen.machines.length - chosen.length;
    const isAll = leftOut === 0 && !seen.hasMore && quarantines.every(({ outcome }) => outcome === "done");
    const words = [`${what}: ${block.words}.`, seen.words, ...describeQuarantines(quarantines, leftOut)].join(" ");
    const outcome = block.outcome === "done" && !isAll ? "partly-done" : block.outcome;
    const told = yield* ticket.close(words);
    return { outcome, words, alertId, indicatorId: block.indicatorId, quarantines: quarantines.map(brief), ...told };
  },
});

const describeQuarantines = (quarantines: readonly CameOnMachine[], leftOut: number): string[] => [
  ...(quarantines.length > 0 ? [`Quarantine on ${quarantines.length}: ${describeEach(quarantines)}.`] : []),
  ...(leftOut > 0 ? [`${leftOut} device(s) are left out, as \`mostMachines\` says.`] : []),
];

const brief = ({ machineId, machineName, outcome, words }: CameOnMachine) => ({
  machineId,
  machineName,
  outcome,
  words,
});
