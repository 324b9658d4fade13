import { z } from "zod";
import { runAntiVirusScan } from "../functions/activities/run-anti-virus-scan.ts";
import { tagMachine } from "../functions/activities/tag-machine.ts";
import { CARRYING_OUT, carryOut, commentFor, onMachine } from "../functions/playbooks/carry-out.ts";
import { StepFailed } from "../shared/errors.ts";
import { attempt, defineRunbook } from "../shared/playbook.ts";

/** Marks a device for people to watch, and scans it. */
export const watchDevice = defineRunbook({
  name: "watch-device",
  version: 1,
  summary: "Tags a device to be watched and has it scan itself.",
  when: "A device looks odd, and not bad enough to be contained.",
  does: "Tags the device, has it scan itself, follows the scan to its end, and says on ticket and alert what came of it.",
  asks: "Nobody by itself.",
  never: "Takes the tag off again.",
  undo: "`POST /api/runs/{id}/undo` takes the tag off.",
  uses: [tagMachine, runAntiVirusScan, ...CARRYING_OUT],
  input: z.object({
    ...onMachine,
    tag: z.string().min(1).max(200).default("Watch").describe("By which people find the device in Defender"),
  }),

  *steps(run, input) {
    const { machineId, tag } = input;
    // A tag that cannot be set is no reason not to scan.
    const tagged = yield* attempt(run.step(tagMachine, { machineId, tag }));

    const what = "Quick antivirus scan";
    const scan = yield* carryOut(run, input, {
      what,
      request: () => run.step(runAntiVirusScan, { machineId, scanType: "Quick", comment: commentFor(what, input) }),
    });
    return yield* scan.close(tagged instanceof StepFailed ? `Not tagged: ${tagged.reason}.` : `Tagged ${tag}.`);
  },
});
