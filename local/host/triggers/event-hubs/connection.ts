import {
  type CheckpointStore,
  EventHubConsumerClient,
  type EventHubConsumerClientOptions,
  parseEventHubConnectionString,
  RetryMode,
} from "@azure/event-hubs";
import { DefaultAzureCredential, ManagedIdentityCredential, type TokenCredential } from "@azure/identity";
import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import type { EventHubsOptions } from "../../host-json.ts";
import { resolveSettings, type Settings } from "../../settings.ts";
import type { Binding } from "../../worker/types.ts";

/** Where a function's events come from, as its binding and the app settings say. */
export interface EventHubSource {
  eventHubName: string;
  consumerGroup: string;
  open(store: CheckpointStore, identifier: string, options: EventHubsOptions): EventHubConsumerClient;
}

/**
 * Finds the event hub of a binding: its `connection` names a setting with a connection string, or the prefix of
 * settings such as `<NAME>__fullyQualifiedNamespace` for a sign-in by identity.
 *
 * @throws Error naming the setting that is missing or wrong, never its value
 * @see https://learn.microsoft.com/azure/azure-functions/functions-bindings-event-hubs-trigger#connections
 */
export function eventHubSource(binding: Binding, settings: Settings): EventHubSource {
  const name = String(binding.connection ?? "");
  const consumerGroup = resolveSettings(String(binding.consumerGroup ?? "$Default"), settings);
  const hubOfBinding = resolveSettings(String(binding.eventHubName ?? ""), settings);
  const connectionString = settings[name];

  if (connectionString) {
    // A hub named in the connection string wins over the one of the binding.
    const hubOfConnection = hubIn(connectionString, name);
    const eventHubName = named(hubOfConnection ?? hubOfBinding);
    return {
      eventHubName,
      consumerGroup,
      open: (store, identifier, options) =>
        hubOfConnection === undefined
          ? new EventHubConsumerClient(
              consumerGroup,
              connectionString,
              eventHubName,
              store,
              client(identifier, options),
            )
          : new EventHubConsumerClient(consumerGroup, connectionString, store, client(identifier, options)),
    };
  }

  const namespace = settings[`${name}__fullyQualifiedNamespace`];
  if (!namespace) {
    throw new Error(
      `neither the app setting ${name} (a connection string) nor ${name}__fullyQualifiedNamespace is set`,
    );
  }
  const eventHubName = named(hubOfBinding);
  const credential = credentialOf(name, settings);
  return {
    eventHubName,
    consumerGroup,
    open: (store, identifier, options) =>
      new EventHubConsumerClient(
        consumerGroup,
        namespace,
        eventHubName,
        credential,
        store,
        client(identifier, options),
      ),
  };
}

/**
 * The container of the Functions host for checkpoints, in the app's own storage.
 *
 * @throws Error naming the setting that is missing or wrong, never its value
 */
export function checkpointContainer(settings: Settings): ContainerClient {
  const name = "AzureWebJobsStorage";
  const storage = storageOf(name, settings);
  return storage.getContainerClient("azure-webjobs-eventhub");
}

function storageOf(name: string, settings: Settings): BlobServiceClient {
  // Short tries: the host itself tries again, and says so.
  const options = {
    retryOptions: { maxTries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 1000, tryTimeoutInMs: 10_000 },
  };
  const connectionString = settings[name];
  if (connectionString) {
    try {
      return BlobServiceClient.fromConnectionString(connectionString, options);
    } catch {
      throw new Error(`the app setting ${name} is not a storage connection string`);
    }
  }
  const account = settings[`${name}__accountName`];
  const address = settings[`${name}__blobServiceUri`] ?? (account && `https://${account}.blob.core.windows.net`);
  if (!address) throw new Error(`the app setting ${name} is not set: checkpoints need a storage account`);
  return new BlobServiceClient(address, credentialOf(name, settings), options);
}

function hubIn(connectionString: string, name: string): string | undefined {
  try {
    return parseEventHubConnectionString(connectionString).eventHubName || undefined;
  } catch {
    // The library's own message would show the connection string.
    throw new Error(`the app setting ${name} is not an Event Hubs connection string`);
  }
}

function named(eventHubName: string): string {
  if (eventHubName === "") throw new Error("no eventHubName is given");
  return eventHubName;
}

function credentialOf(name: string, settings: Settings): TokenCredential {
  const clientId = settings[`${name}__clientId`];
  if (settings[`${name}__credential`] === "managedidentity") {
    return clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential();
  }
  return new DefaultAzureCredential(clientId ? { managedIdentityClientId: clientId } : {});
}

function client(identifier: string, options: EventHubsOptions): EventHubConsumerClientOptions {
  return {
    identifier,
    // All free partitions at once: waiting for a second instance that never comes would only delay the first events.
    loadBalancingOptions: {
      strategy: "greedy",
      updateIntervalInMs: 3_000,
      partitionOwnershipExpirationIntervalInMs: 30_000,
    },
    // One try: a lost connection is then reported at once, and the trigger paces the next try itself.
    retryOptions: { maxRetries: 0, mode: RetryMode.Fixed, retryDelayInMs: 0, timeoutInMs: 15_000 },
    ...(options.transportType === "amqpWebSockets" && { webSocketOptions: { webSocket: WebSocket } }),
  };
}
