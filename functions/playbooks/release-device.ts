import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { StepFailed } from "../../shared/errors.ts";
import { isOver } from "../../shared/leases/lease.ts";
import { attempt, definePlaybook, type Steps } from "../../shared/playbook.ts";
import { readLease } from "../activities/read-lease.ts";
import { settleLease } from "../activities/settle-lease.ts";
import { commentOnAlert, noteOnTicket } from "./containment.ts";
import { releaseAndFollow } from "./release.ts";
import { tellOfIsolation } from "./tell-of-isolation.ts";

/**
 * Release device
 *
 * When  a person has found a device to be clean.
 * Does  releases the device, follows the release to its final state, and writes what really happened on tickets and alerts:
 *       of the run and alert that are named, and of all whom the isolation concerns.
 * Never says that a device is released before Defender has confirmed it.
 * Undo  contain the device again.
 */
export const releaseDevice = definePlaybook({
  name: "release-device",
  version: 2,
  summary: "Releases a device from isolation, and says on ticket and alert what came of it.",
  input: z.object({
    machineId: MachineId.describe("Defender's id of the device, never its name"),
    reason: z.string().min(1).max(500).describe("Why it may be released"),
    ofRun: z.string().max(100).optional().describe("The run that contained the device: its ticket is noted on"),
    alertId: AlertId.optional().describe("Alert to comment on"),
  }),

  *steps(run, { machineId, reason, ofRun, alertId }) {
    const found = yield* attempt(run.step(readLease, { machineId }));
    const lease = found instanceof StepFailed || found === null || isOver(found) ? undefined : found;

    function* tell(key: string, words: string): Steps<void> {
      if (lease) yield* tellOfIsolation(run, lease, { key, words });
      // Where it is told already, it is not told again.
      if (ofRun) yield* noteOnTicket(run, key, words, ofRun);
      yield* commentOnAlert(run, alertId, key, words);
    }
    const comment = `Released: ${reason}`;
    const release = yield* releaseAndFollow(run, {
      machineId,
      comment,
      onQueued: (words) => tell("release-queued", words),
    });
    run.report(release.words);
    if (release.outcome === "released") {
      yield* attempt(run.step(settleLease, { machineId, to: "ended", ending: `${release.words} (${reason})` }));
    }
    yield* tell("release", `${release.words}. Asked for: ${reason}`);
    return { ...release, machineId };
  },
});
