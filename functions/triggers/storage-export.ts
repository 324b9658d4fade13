import { app } from "@azure/functions";
import * as df from "durable-functions";
import type { Services } from "../../shared/services.ts";
import { type TakeInExport, takeInExport } from "../../shared/sources/storage-export/take-in-export.ts";
import { logLine } from "../log-line.ts";
import { createRunControl } from "../run-control.ts";

/** Well under the five minutes that a function may take on the smallest plan. */
const LONGEST_TICK_MS = 2 * 60_000;

/**
 * Takes in every minute what Defender has added to its export to Azure Storage. The host runs a timer on one instance
 * alone and never twice at a time; what a tick does not manage, the next goes on with.
 */
export function registerStorageExport(
  source: Pick<TakeInExport, "account" | "cursors" | "lookBackHours">,
  { takeInWith }: Pick<Services, "takeInWith">,
): void {
  app.timer("storageExport", {
    schedule: "30 * * * * *",
    extraInputs: [df.input.durableClient()],
    async handler(_, context) {
      const takeIn = takeInWith(createRunControl(df.getClient(context)));
      const until = new Date(Date.now() + LONGEST_TICK_MS);
      const taken = await takeInExport({ ...source, takeIn, until });
      if (taken.blobs > 0) context.info(logLine("alerts taken in from the storage export", { ...taken }));
    },
  });
}
