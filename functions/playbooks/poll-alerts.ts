import { z } from "zod";
import { definePlaybook } from "../../shared/playbook.ts";
import { movePollMark } from "../activities/move-poll-mark.ts";
import { takeInSlices } from "./take-in-slices.ts";

/** Enough to cut a month down to the second and take in some ten thousand alerts; the next poll goes on from there. */
const MOST_PAGES = 60;

/** Defender's clock may be ahead of ours. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/**
 * Poll alerts
 *
 * When  alerts are to be read from the API too, or there is no stream: every minute, while no other poll goes on.
 * Does  lists the alerts that were updated since the last poll and takes them in as those of the stream.
 * Undo  nothing to undo: it changes nothing.
 */
export const pollAlerts = definePlaybook({
  name: "poll-alerts",
  version: 1,
  summary: "Takes in the alerts that were updated since the last poll.",
  priority: "sync",
  input: z.object({ from: z.int(), mark: z.int().optional(), overlapMs: z.int() }),

  *steps(run, { from, mark = 0, overlapMs }) {
    const now = run.now().getTime();
    let moved = mark;
    const { upTo: _, ...taken } = yield* takeInSlices(
      run,
      { by: "lastUpdateTime" },
      { from, end: now + CLOCKS_DIFFER_MS, mostPages: MOST_PAGES },
      function* ({ before }, latest) {
        // Not to the end of the slice, as alerts become visible late; but past quiet times that are long over.
        const quiet = Math.min(before, now - overlapMs);
        const to = Math.min(Math.max(latest, quiet), now);
        if (to <= moved) return;
        yield* run.step(movePollMark, { to });
        moved = to;
      },
    );
    return taken;
  },
});
