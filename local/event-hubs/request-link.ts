/**
 * The two addresses a client sends requests to and expects answers from, on a pair of links of one session.
 *
 * `$cbs` takes access tokens; a stand-in on the loopback address accepts every one. `$management` answers questions
 * about hubs and partitions.
 *
 * @see https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-amqp-protocol-guide
 */
import rhea, { type EventContext, type Message, type Receiver, type Sender } from "rhea";
import { findHub, findPartition, type Namespace } from "./namespace.ts";
import { Refusal } from "./refusal.ts";

const answers = new Map<string, (request: Message, namespace: Namespace) => Answer>([
  ["$cbs", () => ({ status: 202 })],
  ["$management", (request, namespace) => describeEntity(request.application_properties ?? {}, namespace)],
]);

interface Answer {
  status: number;
  body?: object;
  refusal?: Refusal;
}

export function isRequestAddress(address: string): boolean {
  return answers.has(address);
}

/** Answers each request on the link of the same session that the client opened for it. */
export function serveRequests(link: Receiver, namespace: Namespace): void {
  const { address } = link.target;
  const answer = answers.get(address);
  link.set_target({ address });
  link.on("message", ({ message, delivery }: EventContext) => {
    delivery?.accept();
    const replies = link.session.find_sender((sender: Sender) => sender.source?.address === address);
    if (message && replies) replies.send(reply(message, () => answer?.(message, namespace) ?? { status: 404 }));
  });
}

function reply(request: Message, answer: () => Answer): Message {
  const { status, body, refusal } = orRefusal(answer);
  return {
    ...(request.message_id !== undefined && { correlation_id: request.message_id }),
    application_properties: {
      "status-code": rhea.types.wrap_int(status),
      "status-description": refusal?.message ?? "OK",
      ...(refusal && { "error-condition": rhea.types.wrap_symbol(refusal.condition) }),
    },
    body: body ?? null,
  };
}

function orRefusal(answer: () => Answer): Answer {
  try {
    return answer();
  } catch (error) {
    if (error instanceof Refusal) return { status: error.condition === "amqp:not-found" ? 404 : 400, refusal: error };
    throw error;
  }
}

/** @throws Refusal */
function describeEntity(question: Record<string, unknown>, namespace: Namespace): Answer {
  const hub = findHub(namespace, String(question.name));
  switch (question.type) {
    case "com.microsoft:eventhub":
      return {
        status: 200,
        body: {
          name: hub.name,
          created_at: hub.partitions[0]?.createdAt,
          partition_count: hub.partitionCount,
          partition_ids: hub.partitions.map(({ number }) => String(number)),
          georeplication_factor: 1,
        },
      };
    case "com.microsoft:partition": {
      const { number, beginning, last, isEmpty } = findPartition(hub, String(question.partition));
      return {
        status: 200,
        body: {
          name: hub.name,
          partition: String(number),
          begin_sequence_number: rhea.types.wrap_long(beginning),
          last_enqueued_sequence_number: rhea.types.wrap_long(last.sequenceNumber),
          last_enqueued_offset: String(last.offset),
          last_enqueued_time_utc: new Date(last.enqueuedAt),
          is_partition_empty: isEmpty,
        },
      };
    }
    default:
      throw new Refusal("amqp:not-implemented", `There is nothing to read of the type "${question.type}".`);
  }
}
