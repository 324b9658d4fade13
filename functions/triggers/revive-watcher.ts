import { app } from "@azure/functions";
import * as df from "durable-functions";
import type { Services } from "../../shared/services.ts";
import { watcherWake } from "../durable/machine-action-watcher.ts";

/** Sees every five minutes to it that the watcher is there while runs wait: it may have been ended by force. */
export function registerReviveWatcher({ watches, tenantId }: Pick<Services, "watches"> & { tenantId: string }): void {
  app.timer("reviveWatcher", {
    schedule: "0 */5 * * * *",
    extraInputs: [df.input.durableClient()],
    handler: (_, context) => reviveWatcher(watches, watcherWake(df.getClient(context), tenantId)),
  });
}

/** Starts the watcher where it is gone. While nobody waits it is left alone. */
export async function reviveWatcher(watches: Services["watches"], watcher: Services["watcher"]): Promise<void> {
  const waiting = await watches.all();
  if (waiting.length > 0) await watcher.wake();
}
