import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { FileHash } from "../../shared/defender/files/file.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { requestedRunId } from "../../shared/runs/run-id.ts";

const BLOCK_FILE = "block-file";

/**
 * Starts the run that blocks a file on all devices, in the mode of the run that asks. It quarantines on none.
 *
 * Safe to repeat: a run starts one for each file.
 *
 * @returns the run; none where it is only pretended
 */
export const startBlockFile = defineActivity({
  name: "startBlockFile",
  summary: "Starts the run that blocks a file on all devices.",
  effect: "write",
  calls: [],
  repeat: "adopts",
  input: z.object({
    hash: FileHash,
    tenantId: z.string().optional(),
    alertId: AlertId.optional(),
    incidentId: z.string().optional(),
    severity: z.string(),
  }),
  output: z.object({ runId: z.string().optional() }),
  pretend: () => ({}),
  target: ({ hash }) => `block of file ${hash}`,

  async perform(input, { runs }, { runId: own, mode = "act" }) {
    const runId = requestedRunId(BLOCK_FILE, `${own}/${input.hash}`);
    await runs.startOnce(BLOCK_FILE, runId, { ...input, mostMachines: 0 }, { mode });
    return { runId };
  },
});
