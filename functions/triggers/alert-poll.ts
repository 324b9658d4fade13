import { app } from "@azure/functions";
import * as df from "durable-functions";
import type { Services } from "../../shared/services.ts";
import { pollFrom } from "../../shared/sources/alert-poll/poll-mark.ts";
import { newestVersion } from "../durable/newest-version.ts";
import { pollAlerts } from "../playbooks/poll-alerts.ts";
import { findStatus } from "../run-control.ts";

interface PollSetting {
  overlapMinutes: number;
  maxAgeMs: number;
}

/** Has the alerts that were updated since the last poll taken in from the API, every minute. */
export function registerAlertPoll(services: Pick<Services, "pollMark" | "tenantId">, setting: PollSetting): void {
  app.timer("alertPoll", {
    schedule: "0 * * * * *",
    extraInputs: [df.input.durableClient()],
    handler: (_, context) => startPoll(df.getClient(context), services, setting, Date.now()),
  });
}

const UNDER_WAY: ReadonlySet<string> = new Set([
  df.OrchestrationRuntimeStatus.Running,
  df.OrchestrationRuntimeStatus.Pending,
]);

/** Starts a poll, unless one goes on: it has an id of its own, so there is one at a time. @returns whether it did */
export async function startPoll(
  client: df.DurableClient,
  { pollMark, tenantId }: Pick<Services, "pollMark" | "tenantId">,
  { overlapMinutes, maxAgeMs }: PollSetting,
  now: number,
): Promise<boolean> {
  const instanceId = `${pollAlerts.name}:${tenantId}`;
  const status = await findStatus(client, instanceId);
  if (status && UNDER_WAY.has(status.runtimeStatus)) return false;

  const overlapMs = Math.ceil(overlapMinutes * 60_000);
  const mark = await pollMark.read();
  const from = Math.floor(pollFrom({ mark, now, overlapMs, maxAgeMs }));
  await client.startNew(newestVersion(pollAlerts.name), { instanceId, input: { from, mark, overlapMs } });
  return true;
}
