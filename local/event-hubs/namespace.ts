/**
 * The hubs a client can address, and which partition an event goes to.
 */
import { createHash } from "node:crypto";
import type { EventStore } from "./event-store.ts";
import type { Hub } from "./hub-settings.ts";
import type { PartitionLog } from "./partition-log.ts";
import { unknownEntity, unknownPartition } from "./refusal.ts";

/** A hub with its partitions. */
export interface OpenHub extends Hub {
  partitions: PartitionLog[];
  /** Counts publications that named neither a partition nor a key. */
  unkeyed: number;
}

export type Namespace = OpenHub[];

/** What a consumer's link reads from: one partition, on behalf of one consumer group. */
export interface Subscription {
  hub: OpenHub;
  consumerGroup: string;
  partition: PartitionLog;
}

/** What a producer's link writes to; without a partition the stand-in chooses one per publication. */
export interface Destination {
  hub: OpenHub;
  partition?: PartitionLog;
}

export function openNamespace(hubs: Hub[], store: EventStore): Namespace {
  return hubs.map((hub) => ({ ...hub, partitions: store.partitionsOf(hub), unkeyed: 0 }));
}

/** @throws Refusal */
export function findHub(namespace: Namespace, name: string): OpenHub {
  const hub = namespace.find((candidate) => isSameName(candidate.name, name));
  if (hub) return hub;
  throw unknownEntity(name, `The event hubs here are ${namespace.map((known) => known.name).join(", ")}.`);
}

/** @throws Refusal */
export function findPartition(hub: OpenHub, number: string): PartitionLog {
  const partition = hub.partitions.find((candidate) => String(candidate.number) === number);
  if (partition) return partition;
  throw unknownPartition(hub.name, number, hub.partitionCount);
}

/**
 * Reads the address of a producer's link: `HUB` or `HUB/Partitions/N`.
 *
 * @throws Refusal
 */
export function findDestination(namespace: Namespace, address: string): Destination {
  const [, name = address, number] = /^([^/]+)\/Partitions\/([^/]+)$/i.exec(address) ?? [];
  const hub = findHub(namespace, name);
  return number === undefined ? { hub } : { hub, partition: findPartition(hub, number) };
}

/**
 * Reads the address of a consumer's link: `HUB/ConsumerGroups/GROUP/Partitions/N`.
 *
 * @throws Refusal
 */
export function findSubscription(namespace: Namespace, address: string): Subscription {
  const match = /^([^/]+)\/ConsumerGroups\/([^/]+)\/Partitions\/([^/]+)$/i.exec(address);
  const [, name = address, group = "", number = ""] = match ?? [];
  const hub = findHub(namespace, name);
  const consumerGroup = hub.consumerGroups.find((candidate) => isSameName(candidate, group));
  if (consumerGroup === undefined) {
    const known = `The consumer groups of the event hub '${hub.name}' are ${hub.consumerGroups.join(", ")}.`;
    throw unknownEntity(`${hub.name}/ConsumerGroups/${group}`, known);
  }
  return { hub, consumerGroup, partition: findPartition(hub, number) };
}

/** Events with the same key always go to the same partition; those without a key go to each in turn. */
export function choosePartition({ hub, partition }: Destination, partitionKey: string | undefined): PartitionLog {
  if (partition) return partition;
  const turn = partitionKey === undefined ? hub.unkeyed++ : hash(partitionKey);
  return hub.partitions[turn % hub.partitions.length] as PartitionLog;
}

function hash(partitionKey: string): number {
  return createHash("sha256").update(partitionKey).digest().readUInt32BE();
}

/** Event Hubs compares names without regard to case. */
function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
