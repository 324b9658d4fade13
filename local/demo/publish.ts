import { EventHubProducerClient } from "@azure/event-hubs";
import { ALERT_HUB, type Stack } from "../stack.ts";

/** Sends messages to the alert hub as Defender does. */
export interface Publisher {
  send(body: string): Promise<void>;
  close(): Promise<void>;
}

export function createPublisher({ eventHubsConnectionString }: Pick<Stack, "eventHubsConnectionString">): Publisher {
  const producer = new EventHubProducerClient(eventHubsConnectionString, ALERT_HUB);
  return {
    // As bytes: given an object or a text, the client would encode it once more.
    send: (body) => producer.sendBatch([{ body: Buffer.from(body), contentType: "application/json" }]),
    close: () => producer.close(),
  };
}
