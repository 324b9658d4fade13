import type { DurableClient, DurableOrchestrationStatus } from "durable-functions";
import { messageOf } from "../shared/errors.ts";
import type { RunControl } from "../shared/runs/run-control.ts";
import { splitStart, withStart } from "../shared/runs/run-input.ts";
import { RunProgress } from "../shared/runs/run-view.ts";
import { playbookOf } from "../shared/versions/playbook-versions.ts";
import { newestVersion } from "./durable/newest-version.ts";

const ENDED = new Set(["Completed", "Failed", "Terminated", "Canceled"]);

/**
 * Starts runs through Durable.
 *
 * Durable refuses an id only while its instance runs; a finished one would start again and lose its history. So the
 * status is read first, and a start that is refused by a racing one counts as a duplicate.
 */
export function createRunControl(client: DurableClient): RunControl {
  return {
    async startOnce(playbook, runId, input, { mode = "act", requestedBy } = {}) {
      if (await findStatus(client, runId)) return "duplicate";
      try {
        await client.startNew(newestVersion(playbook), {
          instanceId: runId,
          input: withStart(input, { mode, requestedBy }),
        });
        return "started";
      } catch (error) {
        if (await findStatus(client, runId)) return "duplicate";
        throw error;
      }
    },
    async stateOf(runId) {
      const status = await findStatus(client, runId);
      if (!status) return "absent";
      return ENDED.has(status.runtimeStatus) ? "ended" : "under-way";
    },
    async tell(runId, event, news) {
      await client.raiseEvent(runId, event, news).catch((error: unknown) => {
        if (!messageOf(error).startsWith("No instance with ID")) throw error;
      });
    },
    async look(runId) {
      const status = await findStatus(client, runId);
      if (!status) return { state: "absent" };
      const { playbook } = playbookOf(status.name);
      const progress = RunProgress.safeParse(status.customStatus).data?.progress;
      const seen = { playbook, ...(progress !== undefined && { progress }) };
      if (!ENDED.has(status.runtimeStatus)) return { state: "under-way", ...seen };
      const isDone = status.runtimeStatus === "Completed" && !hasPretended(status);
      return { state: "ended", ...seen, ...(isDone && { outcome: status.output }) };
    },
    async cancel(runId, reason) {
      const status = await findStatus(client, runId);
      if (status && !ENDED.has(status.runtimeStatus)) await terminate(client, runId, reason);
    },
  };
}

const LONGEST_REASON = 200;

/** Ends a run where it stands. */
export async function terminate(client: DurableClient, runId: string, reason: string): Promise<void> {
  // The client puts the reason into an address as it is.
  await client.terminate(runId, encodeURIComponent(`cancelled: ${reason}`.slice(0, LONGEST_REASON).toWellFormed()));
}

/** Whether nothing of what it says was really done, by its own mode or as the policy has it. */
const hasPretended = ({ input, customStatus }: DurableOrchestrationStatus): boolean =>
  splitStart(input).mode === "shadow" || RunProgress.safeParse(customStatus).data?.isShadow === true;

/** The status of a run, or nothing when there is none: the client reports that as an error with this text. */
export async function findStatus(
  client: DurableClient,
  runId: string,
): Promise<DurableOrchestrationStatus | undefined> {
  try {
    return await client.getStatus(runId);
  } catch (error) {
    if (error instanceof Error && error.message.includes("HTTP 404")) return undefined;
    throw error;
  }
}
