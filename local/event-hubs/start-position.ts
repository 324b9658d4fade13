/**
 * Where in a partition a consumer starts, as it says in the selector filter of its link.
 */
import type { PartitionLog } from "./partition-log.ts";
import { Refusal } from "./refusal.ts";

/**
 * Turns a selector such as `amqp.annotation.x-opt-offset > '1234'` into the first sequence number to deliver.
 * Without a selector that is the oldest event kept.
 *
 * A place the partition has not reached yet is refused, as Event Hubs does: it is a checkpoint of another, older
 * store, and waiting for it would silently skip everything sent until then.
 *
 * @throws Refusal
 */
export function firstSequenceNumber(log: PartitionLog, selector: string | undefined): number {
  if (selector === undefined) return log.beginning;

  const match = /^amqp\.annotation\.x-opt-(offset|sequence-number|enqueued-time) (>=?) '(.*)'$/.exec(selector);
  const [, by, comparison, place] = match ?? [];
  if (by === undefined || place === undefined) throw invalid(`The filter "${selector}" is not understood.`);

  const isInclusive = comparison === ">=";
  if (place === "@latest") return isInclusive ? Math.max(log.beginning, log.next - 1) : log.next;

  const value = Number(place || Number.NaN);
  if (!Number.isSafeInteger(value))
    throw invalid(`"${place}" is not a place in a partition; give a number or @latest.`);
  const first = isInclusive ? value : value + 1;

  if (by === "enqueued-time") return log.firstEnqueued(first);
  if (by === "offset") {
    refuseAhead("offset", first, log.last.offset);
    return log.firstAtOffset(first);
  }
  refuseAhead("sequence number", first, log.last.sequenceNumber);
  return Math.max(log.beginning, first);
}

function refuseAhead(what: string, first: number, last: number): void {
  if (first <= last + 1) return;
  throw invalid(
    `The supplied ${what} is invalid: it is past '${last}', the last ${what} in the partition. ` +
      "Was the checkpoint made with another event store? Then delete it.",
  );
}

function invalid(message: string): Refusal {
  return new Refusal("com.microsoft:argument-error", message);
}
