import { z } from "zod";
import { MachineActionId } from "../../shared/defender/machine-actions/machine-action.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Has the run told when a machine action has ended, by an event whose news is the action.
 *
 * Safe to repeat: a run waits once under each name. It is on the list before the watcher is woken, so no end is missed.
 *
 * @param input.event the name of the event the run waits for
 * @param input.since when Defender took the request, ISO 8601 in UTC
 */
export const watchMachineAction = defineActivity({
  name: "watchMachineAction",
  summary: "Has the run told when a machine action has ended.",
  effect: "write",
  isBookkeeping: true,
  calls: [],
  repeat: "sets",
  input: z.object({ machineActionId: MachineActionId, event: z.string().min(1), since: z.iso.datetime() }),
  output: z.object({ watched: z.literal(true) }),

  async perform(watch, { watches, watcher }, { runId }) {
    await watches.add({ ...watch, runId });
    await watcher.wake();
    return { watched: true as const };
  },
});
