/**
 * A link a producer sends on.
 */
import rhea, { type Delivery, type EventContext, type Message, type Receiver } from "rhea";
import { MalformedMessageError } from "./amqp-bytes.ts";
import { readPublication } from "./event-message.ts";
import type { EventStore } from "./event-store.ts";
import { choosePartition, type Destination } from "./namespace.ts";
import { messageTooLarge, Refusal } from "./refusal.ts";

/** What Event Hubs allows for a message in its standard tier, batches included. */
export const maxMessageBytes = 1_048_576;

/**
 * Stores what arrives on the link, and accepts each message once it is on the disk.
 *
 * @throws Refusal when the producer asks for what the stand-in does not do
 */
export function serveProducer(link: Receiver, destination: Destination, store: EventStore): void {
  refuseIdempotence(link);
  link.set_target({ address: link.target.address });
  link.on("message", ({ message, delivery }: EventContext) => {
    if (message && delivery) receive(message, delivery, destination, store);
  });
}

/**
 * A delivery is refused at once and accepted only after a wait for the disk, never both in one turn of the event loop:
 * rhea would merge two neighbouring answers of the same turn into the first of them.
 */
function receive(message: Message, delivery: Delivery, destination: Destination, store: EventStore): void {
  try {
    const bytes = bytesOf(message);
    if (bytes.length > maxMessageBytes) throw messageTooLarge(bytes.length, maxMessageBytes);

    const publication = readPublication(bytes, delivery.format);
    const partition = choosePartition(destination, publication.partitionKey);
    store.append(partition, publication).then(
      () => delivery.accept(),
      (error: unknown) => delivery.reject(notStored(error)),
    );
  } catch (error) {
    delivery.reject(asRefusal(error).toAmqpError());
  }
}

/** rhea hands over the bytes of a batch, but decodes a message in AMQP's own format. */
function bytesOf(message: Message): Buffer {
  return Buffer.isBuffer(message) ? message : rhea.message.encode(message);
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof MalformedMessageError) return new Refusal("amqp:decode-error", error.message);
  throw error;
}

/** An internal error is one the client tries again. */
function notStored(error: unknown) {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(`An event could not be stored: ${reason}`);
  return new Refusal("amqp:internal-error", `The event could not be stored: ${reason}`).toAmqpError();
}

function refuseIdempotence(link: Receiver): void {
  if (![link.desired_capabilities].flat().includes("com.microsoft:idempotent-producer")) return;
  throw new Refusal(
    "amqp:not-implemented",
    "This stand-in for Event Hubs does not offer idempotent publishing; leave out enableIdempotentRetries.",
  );
}
