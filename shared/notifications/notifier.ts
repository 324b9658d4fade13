import { createHash } from "node:crypto";
import type { AuditLog } from "../audit/audit-log.ts";
import type { AnswerLink, Channel, Message } from "./channel.ts";
import { DeliveryError } from "./delivery-error.ts";
import type { Delivery, Notification } from "./notification.ts";
import type { SentLog } from "./sent-log.ts";

export interface Sending {
  deliveries: Delivery[];
  /** The channels that failed and may take it later, with their reasons. */
  toBeTriedAgain: string[];
}

/** Tells people over channels. Safe to repeat: a channel that has a notification is not sent it again. */
export interface Notifier {
  /**
   * Sends a notification to every channel that wants its event, and to those named beside them, all at once. One that fails
   * is in the answer and keeps no other from being told.
   */
  tell(runId: string, notification: Notification, also?: readonly string[]): Promise<Sending>;
  /**
   * Sends a notification to one person, over that person's channels and no others.
   *
   * @param linksFor makes links that answer for the person, once something is to be sent; only personal channels carry them
   */
  tellPerson(
    runId: string,
    notification: Notification,
    channels: readonly string[],
    linksFor: () => Promise<readonly AnswerLink[]>,
  ): Promise<Sending>;
}

interface Reached {
  /** The channels as the file has them now. */
  channels: () => readonly Channel[];
  sent: SentLog;
  audit: Pick<AuditLog, "record">;
}

/**
 * Sends over the channels of a file that may change meanwhile, and notes what was sent. A channel has a notification twice
 * only if the app ends between the two, or if it took one without saying so.
 */
export function createNotifier({ channels, sent, audit }: Reached): Notifier {
  async function send(
    runId: string,
    notification: Notification,
    names: Iterable<string>,
    carriedBy: (channel: Channel) => Promise<Carried>,
  ): Promise<Sending> {
    const results = await Promise.all(
      [...new Set(names)].map(async (name): Promise<Result> => {
        const message = { runId, key: notification.key, channel: name };
        if (await sent.has(message)) return { channel: name, outcome: "already-sent" };
        const channel = channels().find((one) => one.name === name);
        const { links, remark } = channel ? await carriedBy(channel) : NOTHING;
        const result = await deliver(name, channel, { ...notification, id: idOf(message), runId, links });
        if (result.outcome === "sent") await sent.note(message);
        await audit.record({
          ...{ runId, activity: "notify", effect: "write", target: `channel ${name}` },
          event: result.outcome === "sent" ? "done" : "failed",
          reason: [notification.event, remark, result.reason].filter((words) => words).join(": "),
        });
        return result;
      }),
    );
    return {
      deliveries: results.map(({ mayPass: _, ...delivery }) => delivery),
      toBeTriedAgain: results.flatMap(({ channel, reason, mayPass }) => (mayPass ? [`${channel}: ${reason}`] : [])),
    };
  }

  return {
    tell(runId, notification, also = []) {
      const wanting = channels().filter(({ wants }) => wants(notification));
      return send(runId, notification, [...wanting.map(({ name }) => name), ...also], async () => NOTHING);
    },
    tellPerson(runId, notification, names, linksFor) {
      let links: Promise<readonly AnswerLink[]> | undefined;
      return send(runId, notification, names, async ({ isPersonal }) => {
        if (!isPersonal) return { links: [], remark: "without the link, as the channel is not personal" };
        links ??= linksFor();
        return { links: await links };
      });
    },
  };
}

interface Carried {
  links: readonly AnswerLink[];
  remark?: string;
}

const NOTHING: Carried = { links: [] };

type Result = Delivery & { mayPass?: boolean };

async function deliver(name: string, channel: Channel | undefined, message: Message): Promise<Result> {
  const failed = { channel: name, outcome: "failed" } as const;
  if (!channel) return { ...failed, reason: "there is no channel of this name in notifications.yaml" };
  try {
    const reason = await channel.deliver(message);
    return { channel: name, outcome: "sent", ...(reason && { reason }) };
  } catch (error) {
    if (error instanceof DeliveryError) return { ...failed, reason: error.message, mayPass: error.mayPass };
    // What is not foreseen may carry an address or a password in its words.
    return { ...failed, reason: "the channel failed for a reason that is not known" };
  }
}

const idOf = ({ runId, key, channel }: { runId: string; key: string; channel: string }): string =>
  createHash("sha256")
    .update(JSON.stringify([runId, key, channel]))
    .digest("hex")
    .slice(0, 32);
