import { createTransport } from "nodemailer";
import { type ChannelSetting, type Deliver, type Message, requiredSetting } from "./channel.ts";
import type { SettingsOf } from "./channel-settings.ts";
import { DeliveryError } from "./delivery-error.ts";
import { isLocal } from "./http-post.ts";
import { inPlainText } from "./in-plain-text.ts";

const TIMEOUT_MS = 10_000;
const LONGEST_TEXT = 20_000;

const TLS_FROM_THE_START = 465;

/**
 * Sends mail as plain text over a mail server. Without TLS nothing is said to a server on another machine.
 *
 * Text of alerts is body or subject and nothing else: no line of it becomes a header, an address or an attachment.
 *
 * @see https://nodemailer.com/smtp
 */
export function createMailChannel(settings: SettingsOf<"mail">, around: ChannelSetting): Deliver {
  const { host, port, user, setting, from, to } = settings;
  return async (message) => {
    const transport = createTransport({
      ...{ host, port, secure: port === TLS_FROM_THE_START, requireTLS: !isLocal(host), ignoreTLS: isLocal(host) },
      tls: { minVersion: "TLSv1.2" },
      ...(user !== undefined && setting !== undefined && { auth: { user, pass: requiredSetting(around, setting) } }),
      ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
      ...{ disableFileAccess: true, disableUrlAccess: true },
    });
    try {
      const { rejected } = await transport.sendMail({ ...letterOf(message, from), from, to });
      return rejected.length > 0 ? `${rejected.length} of ${to.length} recipients were refused` : undefined;
    } catch (error) {
      throw toDeliveryError(error, setting);
    } finally {
      transport.close();
    }
  };
}

function letterOf(message: Message, from: string) {
  const { title, text, facts } = inPlainText(message, LONGEST_TEXT);
  const lines = [
    ...[text, ""],
    ...facts.map(({ name, value }) => `${name}: ${value}`),
    ...message.links.map(({ label, url }) => `\n${label}: ${url}`),
  ];
  return {
    subject: title,
    text: lines.join("\n"),
    // The same for the same message: who gets it twice sees it once.
    messageId: `<${message.id}@${from.split("@").at(-1)}>`,
    headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
  };
}

/** What went wrong, without what the server said: that may name people or repeat what it was sent. */
function toDeliveryError(error: unknown, setting: string | undefined): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const { code, responseCode } = Object(error) as { code?: unknown; responseCode?: unknown };
  const status = typeof responseCode === "number" ? ` ${responseCode}` : "";
  const said = `The mail server failed with ${typeof code === "string" ? code : "an error"}${status}`;
  if (typeof responseCode === "number" && responseCode >= 400 && responseCode < 500) {
    return new DeliveryError(said, { mayPass: true });
  }
  const advice = setting && code === "EAUTH" ? `; check user and the app setting ${setting}` : ADVICE[String(code)];
  return new DeliveryError(said + (advice ?? ""), { mayPass: PASSING.has(String(code)) && status === "" });
}

const ADVICE: Record<string, string> = {
  ETLS: "; it offers no TLS that can be trusted: check host and port",
  EDNS: "; check host",
  EENVELOPE: "; check from and to",
};

/** Without an answer to the message, all of these may be over the next time. */
const PASSING = new Set(["ECONNECTION", "ETIMEDOUT", "ESOCKET", "ECONNREFUSED", "ECONNRESET", "EDNS", "EPROTOCOL"]);
