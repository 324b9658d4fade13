import { app, type InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import type { Config } from "../../shared/config.ts";
import { readAlerts } from "../../shared/intake/read-alerts.ts";
import type { Services } from "../../shared/services.ts";
import { logLine } from "../log-line.ts";
import { createRunControl } from "../run-control.ts";

/**
 * Takes in alerts from Defender's streaming API.
 *
 * A message that cannot be read, or a record in it, ends as a dead letter and holds up nothing else. Only when storage or
 * Durable fail does the function throw: then the whole batch is tried again, which is safe, as everything in it is.
 */
export function registerAlertStream(config: Config["alerts"], { takeInWith }: Pick<Services, "takeInWith">): void {
  // As bytes, because one message that is not JSON would fail the whole batch before this code runs, and because
  // numbers beyond 2^53 would be rounded. The library's types do not know the option; it passes it on.
  const asBytes = { dataType: "binary" };
  app.eventHub("alertStream", {
    connection: config.connection,
    eventHubName: config.eventHubName,
    consumerGroup: config.consumerGroup,
    cardinality: "many",
    ...asBytes,
    retry: {
      strategy: "exponentialBackoff",
      maxRetryCount: -1, // an outage may be long; what cannot be read has gone to the dead letters
      minimumInterval: { seconds: 2 },
      maximumInterval: { minutes: 1 },
    },
    extraInputs: [df.input.durableClient()],
    handler: (messages, context) => takeInStream(messages as Uint8Array[], context, takeInWith),
  });
}

async function takeInStream(
  messages: Uint8Array[],
  context: InvocationContext,
  takeInWith: Services["takeInWith"],
): Promise<void> {
  const { counts, ...read } = readAlerts(messages, { sources: sourcesOf(messages, context) });
  const takeIn = takeInWith(createRunControl(df.getClient(context)));
  const seen = { ...counts, alerts: read.alerts.length, rejected: read.rejected.length };
  const admitted = await takeIn(read).catch((error: unknown) => {
    context.error(logLine("part of a batch of alerts could not be taken in; all of it is tried again", seen));
    throw error;
  });
  context.info(logLine("alerts taken in", { ...seen, ...admitted }));
}

/** Where each message stands in the stream: a name for its dead letter, the same however often it is delivered. */
function sourcesOf(messages: readonly unknown[], { triggerMetadata = {} }: InvocationContext): string[] {
  const { partitionContext, sequenceNumberArray } = triggerMetadata as {
    partitionContext?: { partitionId?: string; eventHubName?: string };
    sequenceNumberArray?: unknown[];
  };
  const stream = `${partitionContext?.eventHubName ?? "alerts"}/${partitionContext?.partitionId ?? "0"}`;
  return messages.map((_, index) => `${stream}/${sequenceNumberArray?.[index] ?? `unnumbered-${index}`}`);
}
