import { z } from "zod";
import { AlertId } from "../../../shared/defender/alerts/alert.ts";
import { MachineId } from "../../../shared/defender/machines/machine.ts";
import { attempt, definePlaybook, type Steps } from "../../../shared/playbook.ts";
import { settleLease } from "../../activities/settle-lease.ts";
import { commentOnAlert, noteOnTicket } from "../containment.ts";
import { releaseAndFollow } from "../release.ts";

/**
 * Release device, as runs go on with it that began before all alerts of a containment were told
 *
 * When  a person has found a device to be clean.
 * Does  releases the device, follows the release to its final state, and writes what really happened on ticket and alert.
 * Never says that a device is released before Defender has confirmed it.
 * Undo  contain the device again.
 */
export const releaseDeviceV1 = definePlaybook({
  name: "release-device",
  version: 1,
  summary: "Releases a device from isolation, and says on ticket and alert what came of it.",
  input: z.object({
    machineId: MachineId.describe("Defender's id of the device, never its name"),
    reason: z.string().min(1).max(500).describe("Why it may be released"),
    ofRun: z.string().max(100).optional().describe("The run that contained the device: its ticket is noted on"),
    alertId: AlertId.optional().describe("Alert to comment on"),
  }),

  *steps(run, { machineId, reason, ofRun, alertId }) {
    function* tell(key: string, words: string): Steps<void> {
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
