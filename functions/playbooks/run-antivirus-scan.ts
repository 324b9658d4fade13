import { z } from "zod";
import { ScanType } from "../../shared/defender/machine-actions/scan-type.ts";
import { defineRunbook } from "../../shared/playbook.ts";
import { runAntiVirusScan } from "../activities/run-anti-virus-scan.ts";
import { CARRYING_OUT, carryOut, commentFor, onMachine } from "./carry-out.ts";

/** Scans a device, and says when the scan is over. */
export const runAntivirusScan = defineRunbook({
  name: "run-antivirus-scan",
  version: 1,
  summary: "Has a device scan itself for malware.",
  when: "A device may hold more malware than an alert shows, or was cleaned and is to be looked at again.",
  does: "Has the device scan itself, follows the scan to its end, and says on ticket and alert that it is over. What the scan finds comes as alerts of its own.",
  asks: "Nobody by itself.",
  never: "Says that a device is clean: Defender tells only that the scan has ended.",
  undo: "Nothing to undo. A scan that has not begun can be cancelled in the Defender portal.",
  uses: [runAntiVirusScan, ...CARRYING_OUT],
  input: z.object({ ...onMachine, scanType: ScanType.default("Quick") }),

  *steps(run, input) {
    const { machineId, scanType } = input;
    const what = `${scanType} antivirus scan`;
    const scan = yield* carryOut(run, input, {
      what,
      request: () => run.step(runAntiVirusScan, { machineId, scanType, comment: commentFor(what, input) }),
    });
    return yield* scan.close(scan.outcome === "done" ? "What it found comes as alerts of its own." : undefined);
  },
});
