/**
 * A stand-in for Azure Event Hubs on one machine: the real `@azure/event-hubs` client connects to it, without TLS,
 * with the connection string of an emulator.
 *
 * @see https://learn.microsoft.com/en-us/azure/event-hubs/overview-emulator - what the connection string looks like
 */
import type { AddressInfo, Server, Socket } from "node:net";
import rhea, { type Container, type EventContext, type Receiver, type Sender } from "rhea";
import { Connections } from "./connections.ts";
import { ConsumerLinks } from "./consumer-links.ts";
import { EventStore } from "./event-store.ts";
import { checkHubs, type HubSettings } from "./hub-settings.ts";
import { findDestination, findSubscription, type Namespace, openNamespace } from "./namespace.ts";
import type { Retention } from "./partition-log.ts";
import { maxMessageBytes, serveProducer } from "./producer-link.ts";
import { Refusal } from "./refusal.ts";
import { isRequestAddress, serveRequests } from "./request-link.ts";

export interface EventHubsOptions {
  /** 0 for a free one. */
  port: number;
  /** Where the events are kept; created when missing, and used by one stand-in at a time. */
  folder: string;
  hubs: HubSettings[];
  /** @default 7 days, 256 megabytes per partition */
  retention?: Partial<Retention>;
}

export interface EventHubs {
  port: number;
  connectionString: string;
  /** True when whoever used the folder before was killed; what had been acknowledged is there. */
  wasInterrupted: boolean;
  close(): Promise<void>;
}

const host = "127.0.0.1";

/** Messages a producer may have on the way; the client waits a whole second when it runs out. */
const producerCredit = 2_000;

/**
 * Opens the stored events and listens on the loopback address.
 *
 * @throws Error with one sentence on what to do, when a setting is wrong, the port is taken, or the folder is unusable
 */
export async function startEventHubs({ port, folder, hubs, retention }: EventHubsOptions): Promise<EventHubs> {
  const checked = checkHubs(hubs);
  const store = new EventStore(folder, checked, { days: 7, megabytes: 256, ...retention });
  const connections = new Connections();
  try {
    const server = await listen(serve(openNamespace(checked, store), store, connections), port, connections);
    const address = server.address() as AddressInfo;
    return {
      port: address.port,
      connectionString: connectionString(address.port),
      wasInterrupted: store.wasInterrupted,
      close: async () => {
        const closed = new Promise((resolve) => server.close(resolve));
        await connections.close();
        await closed;
        store.close();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** The key is the one Microsoft documents for its emulator; the stand-in takes any. */
function connectionString(port: number): string {
  const key = "SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE";
  return `Endpoint=sb://${host}:${port};${key};UseDevelopmentEmulator=true;`;
}

/** Decides what each link a client opens is for. What rhea calls a receiver is where a client sends, and vice versa. */
function serve(namespace: Namespace, store: EventStore, connections: Connections): Container {
  const container = rhea.create_container({ id: "event-hubs" });
  const consumers = new ConsumerLinks();

  container.on("receiver_open", ({ receiver }: { receiver: Receiver }) =>
    closeIfRefused(receiver, () => {
      const address = receiver.target?.address ?? "";
      if (isRequestAddress(address)) serveRequests(receiver, namespace);
      else serveProducer(receiver, findDestination(namespace, address), store);
    }),
  );
  container.on("sender_open", ({ sender }: { sender: Sender }) =>
    closeIfRefused(sender, () => {
      const address = sender.source?.address ?? "";
      if (isRequestAddress(address)) sender.set_source({ address });
      else consumers.open(sender, findSubscription(namespace, address));
    }),
  );

  container.on("sender_close", ({ sender }: EventContext) => consumers.forget((link) => link === sender));
  container.on("session_close", ({ session }: EventContext) => consumers.forget((link) => link.session === session));
  container.on("connection_open", ({ connection }: EventContext) => {
    connections.add(connection, () => consumers.forget((link) => link.connection === connection));
  });
  ignoreLostConnections(container);
  return container;
}

function closeIfRefused(link: Receiver | Sender, open: () => void): void {
  try {
    open();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    link.close(error.toAmqpError());
  }
}

/** Clients come and go; rhea throws or prints unless somebody listens. */
function ignoreLostConnections(container: Container): void {
  for (const event of ["connection_close", "connection_error", "disconnected", "protocol_error"]) {
    container.on(event, () => {});
  }
  container.on("error", (error: Error) => {
    if (process.env.DEBUG) console.error(error);
  });
}

function listen(container: Container, port: number, connections: Connections): Promise<Server> {
  const server = container.listen({
    host,
    port,
    tcp_no_delay: true,
    receiver_options: { autoaccept: false, credit_window: producerCredit, max_message_size: maxMessageBytes },
    // Where a consumer goes on is its own business, so nobody waits for it to confirm each event.
    sender_options: { snd_settle_mode: 1 },
  } as Parameters<Container["listen"]>[0]);
  server.on("connection", (socket: Socket) => connections.addSocket(socket));
  return new Promise((resolve, reject) => {
    server.once("listening", () => resolve(server));
    server.once("error", (error: NodeJS.ErrnoException) => reject(explain(error, port)));
  });
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === "EADDRINUSE") {
    return new Error(`Port ${port} is already in use by another program; choose another with --port.`, {
      cause: error,
    });
  }
  if (error.code === "EACCES") {
    return new Error(`Port ${port} needs more rights than this program has; choose another with --port.`, {
      cause: error,
    });
  }
  return error;
}
