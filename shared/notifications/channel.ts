import { refused } from "./delivery-error.ts";
import type { Notification, NotificationEvent } from "./notification.ts";

/** A link that answers for one person. A secret: it is in no log and no history. */
export interface AnswerLink {
  label: string;
  url: string;
}

/** A notification on its way to one channel. */
export interface Message extends Notification {
  /** The same for the same notification on this channel, so that whoever gets it twice may know. */
  id: string;
  runId: string;
  /** Only where the channel reaches one person alone. */
  links: readonly AnswerLink[];
}

/**
 * Delivers a message.
 *
 * @returns what is worth saying although it was delivered
 * @throws DeliveryError
 */
export type Deliver = (message: Message) => Promise<string | undefined>;

/** One way to people or systems, as `config/notifications.yaml` has it. */
export interface Channel {
  name: string;
  /** Whether it reaches one person alone, and may carry that person's links. */
  isPersonal: boolean;
  wants(notification: { event: NotificationEvent; severity?: Notification["severity"] }): boolean;
  deliver: Deliver;
}

/** What channels use of the app around them. */
export interface ChannelSetting {
  /** The value of an app setting. */
  settingOf(name: string): string | undefined;
  /** Whether the app takes answers from Slack: only then are there buttons. */
  takesSlackAnswers: boolean;
  /** @default the clock of the machine */
  clock?: Clock;
}

export interface Clock {
  now(): number;
  wait(ms: number): Promise<void>;
}

/** @throws DeliveryError where the setting is not set, or Azure could not read the secret that it refers to */
export function requiredSetting({ settingOf }: Pick<ChannelSetting, "settingOf">, name: string): string {
  const value = settingOf(name)?.trim();
  if (!value) throw refused(`the app setting ${name} is not set`);
  if (value.startsWith("@Microsoft.KeyVault(")) {
    throw refused(`the app setting ${name} refers to a secret in Key Vault that the app cannot read`);
  }
  return value;
}
