import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { CaseOfRun, caseKeyOf } from "./case-of-run.ts";

/** What is given to a run at once: far fewer than its history could hold. */
const MOST_AT_ONCE = 500;

/**
 * Gives a run the alerts that are in its care, or in that of another run, and came after a place.
 *
 * @returns them in the order in which they came, at most 500, and whether there are more
 */
export const takeJoinedAlerts = defineActivity({
  name: "takeJoinedAlerts",
  summary: "Gives a run the alerts that joined it.",
  effect: "read",
  calls: [],
  repeat: "reads",
  input: CaseOfRun.extend({
    after: z.int().nonnegative(),
    ofRun: z.string().optional().describe("The run that has them in its care, where it is another one"),
  }),
  output: z.object({
    alerts: z.array(z.object({ alertId: AlertId, place: z.int() })),
    hasMore: z.boolean(),
  }),

  async perform({ after, ofRun, ...ofCase }, { cases }, { runId }) {
    const all = await cases.alertsOf(caseKeyOf(ofCase), ofRun ?? runId, after);
    const alerts = all.slice(0, MOST_AT_ONCE).map(({ alertId, place }) => ({ alertId, place }));
    return { alerts, hasMore: all.length > MOST_AT_ONCE };
  },
});
