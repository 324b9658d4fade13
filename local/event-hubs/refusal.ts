/**
 * A no to a client, in the condition and wording its library understands.
 *
 * The wording of `unknownEntity` is Event Hubs' own: clients recognise it and report `MessagingEntityNotFoundError`
 * at once instead of trying again.
 *
 * @see https://learn.microsoft.com/en-us/azure/event-hubs/exceptions-dotnet
 */
export class Refusal extends Error {
  override name = "Refusal";
  readonly condition: string;

  constructor(condition: string, message: string) {
    super(message);
    this.condition = condition;
  }

  /** As AMQP carries it on a detach or a rejected delivery. */
  toAmqpError() {
    return { condition: this.condition, description: this.message };
  }
}

export function unknownEntity(path: string, known: string): Refusal {
  return new Refusal("amqp:not-found", `The messaging entity '${path}' could not be found. ${known}`);
}

export function unknownPartition(hub: string, partition: string, partitionCount: number): Refusal {
  const range = partitionCount === 1 ? "only has partition 0" : `has partitions 0 to ${partitionCount - 1}`;
  return new Refusal(
    "com.microsoft:argument-out-of-range",
    `Partition "${partition}" does not exist; the event hub '${hub}' ${range}.`,
  );
}

export function messageTooLarge(bytes: number, limit: number): Refusal {
  return new Refusal(
    "amqp:link:message-size-exceeded",
    `The message is ${bytes} bytes long; a message or batch may have up to ${limit} bytes.`,
  );
}

export function disconnectedByOwner(description: string): Refusal {
  return new Refusal("amqp:link:stolen", description);
}
