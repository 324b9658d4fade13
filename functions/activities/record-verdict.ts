import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { defineActivity } from "../../shared/playbook.ts";

/** Puts on record who said what of an alert. Safe to repeat: a run says it once. */
export const recordVerdict = defineActivity({
  name: "recordVerdict",
  summary: "Puts on record who said what of an alert.",
  effect: "write",
  calls: [],
  repeat: "adopts",
  input: z.object({ alertId: AlertId, words: z.string().min(1).max(1_000) }),
  output: z.object({ recorded: z.boolean() }),
  pretend: () => ({ recorded: true }),
  target: ({ alertId }) => `alert ${alertId}`,

  async perform({ alertId, words }, { audit }, { runId }) {
    const entry = { runId, activity: "recordVerdict", effect: "write", target: `alert ${alertId}` } as const;
    const isRecorded = (await audit.ofRun(runId)).some(({ activity }) => activity === entry.activity);
    if (!isRecorded) await audit.record({ ...entry, event: "done", reason: words });
    return { recorded: true };
  },
});
