/**
 * Who receives from which partition, and who has to make way.
 *
 * @see https://learn.microsoft.com/en-us/azure/event-hubs/event-hubs-event-processor-host - owner levels ("epoch")
 */
import type { Sender } from "rhea";
import { ConsumerLink } from "./consumer-link.ts";
import type { Subscription } from "./namespace.ts";
import { disconnectedByOwner, Refusal } from "./refusal.ts";

/** Event Hubs' limit for consumers that share a partition within one group. */
const maxSharedConsumers = 5;

export class ConsumerLinks {
  readonly #all = new Set<ConsumerLink>();

  /**
   * Starts to deliver on a link. A consumer with an owner level takes the partition from those with a lower one, with
   * the same, and with none.
   *
   * @throws Refusal when a consumer with a higher level has the partition, or too many share it
   */
  open(link: Sender, subscription: Subscription): void {
    const newcomer = new ConsumerLink(link, subscription);
    const others = [...this.#all].filter((other) => isSameSubscription(other.subscription, subscription));
    if (newcomer.ownerLevel === undefined) refuseToShare(newcomer, others);
    else this.#takeOver(newcomer, newcomer.ownerLevel, others);

    this.#all.add(newcomer);
    newcomer.start();
  }

  /** Forgets the links that are gone. */
  forget(isGone: (link: Sender) => boolean): void {
    for (const consumer of this.#all) {
      if (!isGone(consumer.link)) continue;
      consumer.stop();
      this.#all.delete(consumer);
    }
  }

  #takeOver(newcomer: ConsumerLink, ownerLevel: number, others: ConsumerLink[]): void {
    const owner = others.find((other) => other.ownerLevel !== undefined && other.ownerLevel > ownerLevel);
    if (owner) throw alreadyOwned(newcomer, owner);

    for (const other of others) {
      this.#all.delete(other);
      other.disconnect(
        disconnectedByOwner(
          `New receiver '${newcomer.name}' with owner level ${ownerLevel} took ${describe(newcomer)} ` +
            `from receiver '${other.name}' with owner level ${other.ownerLevel ?? "none"}.`,
        ),
      );
    }
  }
}

function refuseToShare(newcomer: ConsumerLink, others: ConsumerLink[]): void {
  const owner = others.find((other) => other.ownerLevel !== undefined);
  if (owner) throw alreadyOwned(newcomer, owner);
  if (others.length < maxSharedConsumers) return;
  throw new Refusal(
    "amqp:resource-limit-exceeded",
    `${maxSharedConsumers} receivers already share ${describe(newcomer)}; close one or give this one an owner level.`,
  );
}

function alreadyOwned(newcomer: ConsumerLink, owner: ConsumerLink): Refusal {
  return disconnectedByOwner(
    `Receiver '${owner.name}' with the higher owner level ${owner.ownerLevel} already has ${describe(newcomer)}.`,
  );
}

function describe({ subscription: { hub, consumerGroup, partition } }: ConsumerLink): string {
  return `partition ${partition.number} of '${hub.name}' for the consumer group ${consumerGroup}`;
}

function isSameSubscription(one: Subscription, other: Subscription): boolean {
  return one.partition === other.partition && one.consumerGroup === other.consumerGroup;
}
