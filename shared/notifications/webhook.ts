import { createHmac } from "node:crypto";
import { type ChannelSetting, type Deliver, requiredSetting } from "./channel.ts";
import type { SettingsOf } from "./channel-settings.ts";
import { refused } from "./delivery-error.ts";
import { addressIn, createHttpPost } from "./http-post.ts";

/** The signature of a message: over the time it was sent, a dot, and the body as it is. */
export const signatureOf = (secret: string, timestamp: string, body: string): string =>
  `sha256=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;

/** As short a secret can be guessed from one message. */
const SHORTEST_SECRET = 16;

/**
 * Posts notifications as JSON to a system, signed so that it can tell who they are from. The texts are as they came: whoever
 * shows them has to escape them. docs/notifications.md says how to check the signature.
 */
export function createWebhookChannel(settings: SettingsOf<"webhook">, around: ChannelSetting): Deliver {
  const { setting, secretSetting } = settings;
  const post = createHttpPost("The webhook", 0, around);
  return async ({ id, runId, event, severity, title, text, facts, questionId }) => {
    const secret = requiredSetting(around, secretSetting);
    if (secret.length < SHORTEST_SECRET) {
      throw refused(`the app setting ${secretSetting} has fewer than ${SHORTEST_SECRET} characters`);
    }
    const body = JSON.stringify({ id, runId, event, severity, title, text, facts, questionId });
    const timestamp = String(Math.floor((around.clock?.now() ?? Date.now()) / 1000));
    const headers = {
      "x-notification-id": id,
      "x-signature-timestamp": timestamp,
      "x-signature-256": signatureOf(secret, timestamp, body),
    };
    await post(addressIn(around, setting), body, { from: setting, headers });
    return undefined;
  };
}
