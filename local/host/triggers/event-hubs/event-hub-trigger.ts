import { createHash } from "node:crypto";
import {
  type EventHubConsumerClient,
  type EventPosition,
  earliestEventPosition,
  latestEventPosition,
  type PartitionContext,
  type ReceivedEventData,
  type Subscription,
} from "@azure/event-hubs";
import type { EventHubsOptions } from "../../host-json.ts";
import type { Log } from "../../log.ts";
import type { Settings } from "../../settings.ts";
import type { FunctionApp, RegisteredFunction } from "../../worker/types.ts";
import { Reachability } from "../reachability.ts";
import { invokeUnderPolicy } from "../retry-policy.ts";
import { sleep } from "../sleep.ts";
import type { Trigger } from "../trigger.ts";
import { HostCheckpointStore, StorageError } from "./checkpoint-store.ts";
import { checkpointContainer, eventHubSource } from "./connection.ts";
import { PartitionLane } from "./partition-lane.ts";
import { eventHubInvocations } from "./payload.ts";

export interface EventHubTriggerOptions {
  app: FunctionApp;
  settings: Settings;
  /** `extensions.eventHubs` of `host.json`. */
  eventHubs: EventHubsOptions;
  /** The name of this host, the same after a restart. */
  hostId: string;
  log: Log;
}

/** Pace of new tries while the event hub cannot be reached. */
const retryAfterMs = 500;

/** The client notices a lost connection only when a wait for events ends; until then it would wait a minute. */
const longestWaitSeconds = 2;

/**
 * Calls a function with the events of an event hub: in order and one call at a time within a partition, partitions side
 * by side. The checkpoint moves on when the function has ended, failed or not, and stays when the host is stopped
 * before the retry policy has ended. So events are delivered at least once.
 *
 * @throws Error naming a setting that is missing or wrong
 * @see https://learn.microsoft.com/azure/azure-functions/functions-bindings-event-hubs-trigger
 */
export function startEventHubTrigger(fn: RegisteredFunction, options: EventHubTriggerOptions): Trigger {
  const { app, settings, eventHubs, hostId, log } = options;
  const source = eventHubSource(fn.trigger, settings);
  const container = checkpointContainer(settings);
  const hub = new Reachability(`The event hub "${source.eventHubName}"`, log);
  const ownerId = ownerIdOf(hostId, fn.name);
  const store = new HostCheckpointStore(container, ownerId, new Reachability("The storage of checkpoints", log));
  const client = source.open(store, ownerId, eventHubs);

  const stopping = new AbortController();
  const lanes = new Map<string, PartitionLane>();
  const laneOf = (partitionId: string) => {
    const lane = lanes.get(partitionId) ?? new PartitionLane(eventHubs.batchCheckpointFrequency, stopping.signal);
    lanes.set(partitionId, lane);
    return lane;
  };

  /** Calls the function with a batch and says whether the checkpoint may pass it. */
  async function handle(events: ReceivedEventData[], context: PartitionContext): Promise<boolean> {
    try {
      for (const invocation of eventHubInvocations(events, context, fn.trigger)) {
        const { error, wasCut } = await invokeUnderPolicy(app, fn, invocation, { signal: stopping.signal, log });
        if (wasCut || (error && stopping.signal.aborted)) return false;
      }
    } catch (error) {
      log.error("Events were passed over", { function: fn.name, partition: context.partitionId, error });
    }
    return true;
  }

  async function processEvents(events: ReceivedEventData[], context: PartitionContext): Promise<void> {
    const last = events.at(-1);
    hub.succeeded();
    if (!last) return;
    await laneOf(context.partitionId).run(
      () => handle(events, context),
      () => context.updateCheckpoint(last),
    );
  }

  async function processError(error: unknown, context: PartitionContext): Promise<void> {
    if (stopping.signal.aborted || error instanceof StorageError) return;
    hub.failed(error);
    if (context.partitionId !== "") await sleep(retryAfterMs, stopping.signal);
  }

  function subscribe(): Subscription {
    return client.subscribe(
      {
        processEvents,
        processError,
        processInitialize: async ({ partitionId }) => store.setReceiving(partitionId, true),
        processClose: async (_, { partitionId }) => store.setReceiving(partitionId, false),
      },
      {
        maxBatchSize: eventHubs.maxEventBatchSize,
        maxWaitTimeInSeconds: longestWaitSeconds,
        prefetchCount: eventHubs.prefetchCount,
        trackLastEnqueuedEventProperties: eventHubs.trackLastEnqueuedEventProperties,
        startPosition: startPosition(eventHubs),
        // The function, not the client, decides what a body is.
        skipParsingBodyAsJson: true,
      },
    );
  }

  const subscribed = untilReached(client, hub, stopping.signal).then((isReached) =>
    isReached ? subscribe() : undefined,
  );

  return {
    description: `event hub ${source.eventHubName}, consumer group ${source.consumerGroup}`,
    async stop() {
      stopping.abort();
      const subscription = await subscribed;
      const closed = subscription?.close().catch(() => undefined);
      await Promise.all([...lanes.values()].map((lane) => lane.end()));
      await closed;
      await client.close().catch(() => undefined);
    },
  };
}

/** Asks for the partitions until the event hub answers: the client's own first try waits half a minute for the next. */
async function untilReached(
  client: EventHubConsumerClient,
  hub: Reachability,
  stopping: AbortSignal,
): Promise<boolean> {
  while (!stopping.aborted) {
    try {
      await client.getPartitionIds({ abortSignal: stopping });
      hub.succeeded();
      return true;
    } catch (error) {
      if (stopping.aborted) return false;
      hub.failed(error);
      await sleep(retryAfterMs, stopping);
    }
  }
  return false;
}

/** Where a partition starts that has no checkpoint yet. */
function startPosition({ initialOffsetOptions: { type, enqueuedTimeUtc } }: EventHubsOptions): EventPosition {
  if (type === "fromEnd") return latestEventPosition;
  if (type === "fromEnqueuedTime" && enqueuedTimeUtc) return { enqueuedOn: new Date(enqueuedTimeUtc) };
  return earliestEventPosition;
}

/** Two functions on one consumer group share its partitions out between them, so each needs a name of its own. */
function ownerIdOf(hostId: string, functionName: string): string {
  return createHash("sha256").update(`${hostId}/${functionName}`).digest("hex").slice(0, 32);
}
