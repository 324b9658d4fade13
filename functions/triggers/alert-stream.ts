import { app, type InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import type { Config } from "../../shared/config.ts";
import type { DeadLetterStore } from "../../shared/dead-letters/dead-letter-store.ts";
import { type Admission, admit } from "../../shared/intake/admit.ts";
import { readAlerts } from "../../shared/intake/read-alerts.ts";
import { logLine } from "../log-line.ts";
import { createRunControl } from "../run-control.ts";

interface Intake extends Omit<Admission, "runs"> {
  deadLetters: DeadLetterStore;
}

/**
 * Takes in alerts from Defender's streaming API.
 *
 * A message that cannot be read, or a record in it, ends as a dead letter and holds up nothing else. Only when storage or
 * Durable fail does the function throw: then the whole batch is tried again, which is safe, as everything in it is.
 */
export function registerAlertStream(config: Config["alerts"], intake: Intake): void {
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
    handler: (messages, context) => takeIn(messages as Uint8Array[], context, config, intake),
  });
}

/** A message may hold thousands of alerts; storage and Durable are not to be flooded with them. */
const AT_ONCE = 50;

async function takeIn(
  messages: Uint8Array[],
  context: InvocationContext,
  { maxAgeMs, settleSeconds }: Config["alerts"],
  { deadLetters, ...intake }: Intake,
): Promise<void> {
  const { alerts, rejected, counts } = readAlerts(messages, { sources: sourcesOf(messages, context) });
  const admission = { ...intake, runs: createRunControl(df.getClient(context)) };
  const oldest = maxAgeMs > 0 ? new Date(Date.now() - maxAgeMs) : undefined;

  const work = [
    ...alerts.map((alert) => () => admit(alert, admission, { settleSeconds, oldest })),
    ...rejected.map((letter) => () => deadLetters.keep(letter)),
  ];
  const failures: unknown[] = [];
  for (let start = 0; start < work.length; start += AT_ONCE) {
    const outcomes = await Promise.allSettled(work.slice(start, start + AT_ONCE).map((task) => task()));
    failures.push(...outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : [])));
  }
  context.info(logLine("alerts taken in", { ...counts, alerts: alerts.length, rejected: rejected.length }));

  if (failures.length > 0) throw new AggregateError(failures, "Part of a batch of alerts could not be taken in");
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
