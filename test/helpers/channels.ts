import { rowsInMemory } from "../../local/rows-in-memory.ts";
import type { AuditEntry } from "../../shared/audit/audit-log.ts";
import type { Channel, Message } from "../../shared/notifications/channel.ts";
import type { NotificationEvent } from "../../shared/notifications/notification.ts";
import { createNotifier } from "../../shared/notifications/notifier.ts";
import { createTableSentLog } from "../../shared/notifications/sent-log.ts";

interface ChannelOptions {
  events?: readonly NotificationEvent[];
  isPersonal?: boolean;
  /** Thrown in place of taking the message. */
  failure?: () => Error | undefined;
}

/** Channels that keep what they are given, with the real rules of who is told. */
export function channelsInMemory(options: Record<string, ChannelOptions>) {
  const sent: (Message & { channel: string })[] = [];
  const audit: AuditEntry[] = [];
  const channels = Object.entries(options).map(
    ([name, { events = [], isPersonal = false, failure = () => undefined }]): Channel => ({
      name,
      isPersonal,
      wants: ({ event }) => events.includes(event),
      async deliver(message) {
        const error = failure();
        if (error) throw error;
        sent.push({ ...message, channel: name });
        return undefined;
      },
    }),
  );
  const notifier = createNotifier({
    channels: () => channels,
    sent: createTableSentLog(rowsInMemory()),
    audit: { record: async (entry) => void audit.push(entry) },
  });
  return { channels, notifier, sent, audit };
}
