import { z } from "zod";
import { machineLabel } from "../../shared/defender/machines/machine.ts";
import { StepFailed } from "../../shared/errors.ts";
import { attempt, defineRunbook } from "../../shared/playbook.ts";
import { collectInvestigationPackage } from "../activities/collect-investigation-package.ts";
import { collectLiveResponseFile } from "../activities/collect-live-response-file.ts";
import { getMachine } from "../activities/get-machine.ts";
import { storeLiveResponseResult } from "../activities/store-live-response-result.ts";
import { storePackage } from "../activities/store-package.ts";
import { CARRYING_OUT, commentFor, onMachine } from "./carry-out.ts";
import { type Gathered, gather } from "./gather.ts";
import { pieceOf } from "./piece-of.ts";
import { describeAbout, openTicketOfRun } from "./ticket-of-run.ts";

/** Gathers what a device knows of an attack, one thing after the other. */
export const collectEvidence = defineRunbook({
  name: "collect-evidence",
  version: 1,
  summary: "Collects the investigation package of a device, and files from it, and stores them as evidence.",
  when: "What happened on a device is to be looked into, before it is cleaned or is gone.",
  does: "Collects the investigation package and then each file that was asked for, stores them with their SHA-256, and says on ticket and alert where they are and what could not be had.",
  asks: "Nobody by itself.",
  never: "Changes anything on the device. One piece that cannot be had does not keep it from the others.",
  undo: "Nothing to undo. Stored evidence is kept as the store says.",
  uses: [
    ...[collectInvestigationPackage, storePackage, collectLiveResponseFile, storeLiveResponseResult],
    ...CARRYING_OUT,
  ],
  input: z.object({
    ...onMachine,
    files: z
      .array(z.string().min(1).max(4_096))
      .max(10)
      .default([])
      .describe("Paths on the device of files to fetch by live response"),
  }),

  *steps(run, input) {
    const { machineId, files, queuedAfterSeconds, alertId } = input;
    const machine = yield* attempt(run.step(getMachine, { machineId }));
    const machineName = machine instanceof StepFailed ? machineId : machineLabel(machine);
    const ticket = yield* openTicketOfRun(run, input, {
      title: `evidence from ${machineName}`,
      lines: [
        `Evidence from ${machineName} (${machineId}), for ${describeAbout(input)}.`,
        `To be collected: ${["the investigation package", ...files].join(", ")}.`,
      ],
    });
    const tellAs = (key: string) => (words: string) => ticket.tell(key, words);

    const what = "Investigation package";
    const gathered: Gathered[] = [];
    gathered.push(
      yield* gather(run, {
        what,
        queuedAfterSeconds,
        tell: tellAs("package-queued"),
        request: () => run.step(collectInvestigationPackage, { machineId, comment: commentFor(what, input) }),
        store: (action) => run.step(storePackage, pieceOf(run, action, { machineId, alertId })),
      }),
    );
    for (const [index, path] of files.entries()) {
      const key = `file-${index + 1}`;
      const comment = commentFor("Evidence", input);
      gathered.push(
        yield* gather(run, {
          what: path,
          triedFor: "two hours",
          queuedAfterSeconds,
          tell: tellAs(`${key}-queued`),
          request: () => run.step(collectLiveResponseFile, { machineId, path, comment, key }),
          store: (action) => run.step(storeLiveResponseResult, pieceOf(run, action, { machineId, alertId, path })),
        }),
      );
    }

    const words = gathered.map(({ what, words }) => `${what}: ${words}.`).join(" ");
    const told = yield* ticket.close(words);
    const evidence = gathered.flatMap(({ stored }) => stored ?? []);
    const outcomes = new Set(gathered.map(({ outcome }) => outcome));
    const [only] = outcomes;
    return {
      outcome: outcomes.size === 1 && only ? only : "partly-done",
      words,
      alertId,
      machineId,
      evidence,
      ...told,
    };
  },
});
