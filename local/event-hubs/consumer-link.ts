/**
 * A link a consumer receives on.
 */
import type { Sender } from "rhea";
import { withLastEnqueued } from "./event-message.ts";
import type { Subscription } from "./namespace.ts";
import type { PartitionLog } from "./partition-log.ts";
import type { Refusal } from "./refusal.ts";
import { firstSequenceNumber } from "./start-position.ts";

/** How many events are read and sent before other links get their turn. */
const sentAtOnce = 256;

const format = { amqp: 0 } as const;

/** Delivers a partition to one consumer, as far as its credit allows: what is stored, then each event as it arrives. */
export class ConsumerLink {
  readonly link: Sender;
  readonly subscription: Subscription;
  /** The consumer's name for itself, for the message to one whose place another took. */
  readonly name: string;
  /** Set when the consumer claims the partition for itself; the highest level wins. */
  readonly ownerLevel: number | undefined;

  readonly #log: PartitionLog;
  readonly #wantsLastEnqueued: boolean;
  #next: number;
  #handedOver = 0;
  #continueScheduled = false;

  /** @throws Refusal when the consumer asks to start at a place that does not exist */
  constructor(link: Sender, subscription: Subscription) {
    this.link = link;
    this.subscription = subscription;
    this.name = String(link.properties?.["com.microsoft:receiver-name"] ?? link.name);
    this.ownerLevel = link.properties?.["com.microsoft:epoch"];
    this.#log = subscription.partition;
    this.#wantsLastEnqueued = [link.desired_capabilities]
      .flat()
      .includes("com.microsoft:enable-receiver-runtime-metric");
    this.#next = firstSequenceNumber(this.#log, selectorOf(link));
  }

  start(): void {
    this.link.set_source({ address: this.link.source.address, filter: this.link.source.filter ?? {} });
    this.link.on("sender_flow", this.#deliver);
    this.link.on("sendable", this.#deliver);
    this.#log.listeners.add(this.#deliver);
  }

  stop(): void {
    this.#log.listeners.delete(this.#deliver);
    this.link.removeListener("sender_flow", this.#deliver);
    this.link.removeListener("sendable", this.#deliver);
  }

  disconnect(reason: Refusal): void {
    this.stop();
    this.link.close(reason.toAmqpError());
  }

  readonly #deliver = (): void => {
    if (!this.link.is_open()) return;
    const wanted = Math.min(this.#room(), sentAtOnce);
    if (wanted <= 0 || this.#next >= this.#log.next) return;

    for (const { sequenceNumber, message } of this.#log.read(this.#next, wanted)) {
      // The session is full; "sendable" follows when it no longer is.
      if (!this.link.sendable()) return;
      this.link.send(
        this.#wantsLastEnqueued ? withLastEnqueued(message, this.#log.last, Date.now()) : message,
        undefined,
        format.amqp,
      );
      this.#handedOver++;
      this.#next = sequenceNumber + 1;
    }
    this.#continueSoon();
  };

  #continueSoon(): void {
    if (this.#continueScheduled) return;
    this.#continueScheduled = true;
    setImmediate(() => {
      this.#continueScheduled = false;
      this.#deliver();
    });
  }

  /** rhea takes credit off only when a message leaves, so those it still holds are taken off here. */
  #room(): number {
    const { credit, delivery_count } = this.link as Sender & { credit: number; delivery_count: number };
    return credit - (this.#handedOver - delivery_count);
  }
}

/** The client wraps its selector in a described type, which rhea leaves as it is. */
function selectorOf(link: Sender): string | undefined {
  const filter = link.source.filter?.["apache.org:selector-filter:string"];
  return filter === undefined ? undefined : String(filter);
}
