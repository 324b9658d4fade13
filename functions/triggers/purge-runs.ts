import { app } from "@azure/functions";
import * as df from "durable-functions";
import { logLine } from "../log-line.ts";

const ENDED = [
  df.OrchestrationRuntimeStatus.Completed,
  df.OrchestrationRuntimeStatus.Failed,
  df.OrchestrationRuntimeStatus.Terminated,
];

/**
 * Forgets old runs every night. While a run is remembered, an alert that is streamed again does not start it again: keep
 * runs longer than the stream keeps its events.
 */
export function registerPurgeRuns({ retentionDays }: { retentionDays: number }): void {
  app.timer("purgeRuns", {
    schedule: "0 30 3 * * *",
    extraInputs: [df.input.durableClient()],
    async handler(_, context) {
      const startedBefore = new Date(Date.now() - retentionDays * 86_400_000);
      const runs = await purgeRuns(df.getClient(context), startedBefore);
      context.info(logLine("old runs forgotten", { runs, startedBefore: startedBefore.toISOString() }));
    },
  });
}

/** Forgets runs that were started before a time and have ended; one that goes on stays. @returns how many */
export async function purgeRuns(client: df.DurableClient, startedBefore: Date): Promise<number> {
  const filter = { createdTimeFrom: new Date(0), createdTimeTo: startedBefore, runtimeStatus: ENDED };
  return (await client.purgeInstanceHistoryBy(filter)).instancesDeleted;
}
