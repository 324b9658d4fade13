import { z } from "zod";
import { UtcTime } from "../../shared/defender/odata/filter.ts";
import { definePlaybook } from "../../shared/playbook.ts";
import { takeInSlices } from "./take-in-slices.ts";

/** A million alerts; what is left after them, another run takes in. */
const MOST_PAGES = 1_000;

/**
 * Replay alerts
 *
 * When  alerts of some time are to be gone through again: after an outage, or to see what new rules would have done.
 * Does  lists the alerts created in that time and takes them in as those of the stream, however old they are.
 * Undo  in shadow mode there is nothing to undo; else undo the runs that were started.
 */
export const replayAlerts = definePlaybook({
  name: "replay-alerts",
  version: 1,
  summary: "Takes in again the alerts created in some time, by default only to show what would have been done.",
  priority: "sync",
  input: z.object({
    from: UtcTime,
    to: UtcTime.describe("Exclusive"),
    mode: z.enum(["shadow", "act"]).default("shadow"),
  }),

  *steps(run, { mode, ...range }) {
    const from = Date.parse(range.from);
    const end = Date.parse(range.to);
    const { upTo, ...taken } = yield* takeInSlices(
      run,
      { by: "alertCreationTime", mode, oldest: from },
      { from, end, mostPages: MOST_PAGES },
    );
    return { ...taken, upTo: new Date(upTo).toISOString() };
  },
});
