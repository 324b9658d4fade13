import { z } from "zod";
import { type ChannelSetting, type Deliver, type Message, requiredSetting } from "./channel.ts";
import type { SettingsOf } from "./channel-settings.ts";
import { refused, unavailable } from "./delivery-error.ts";
import { addressIn, createHttpPost, type Posted } from "./http-post.ts";
import { bodyWithin, type PlainMessage } from "./in-plain-text.ts";

/** Somewhat above this Slack refuses the blocks of a message as too long, whatever each may hold. */
const MOST_BYTES = 12_000;
const LONGEST_TEXT = 3_000;

/** One message a second in a channel. */
const EVERY_MS = 1_000;

/**
 * Posts to one channel of Slack, by its incoming webhook or as a bot. Questions have the buttons that
 * `POST /api/approvals/slack` takes, which says by itself who pressed them.
 *
 * Text of alerts stands in the elements of `rich_text` only, where no mark, link or mention is read out of it; in the line
 * for notifications it is escaped.
 *
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 * @see https://docs.slack.dev/reference/methods/chat.postMessage - scope `chat:write`; one message a second and channel
 */
export function createSlackChannel(settings: SettingsOf<"slack">, around: ChannelSetting): Deliver {
  const { setting, channel, apiUrl } = settings;
  const post = createHttpPost("Slack", EVERY_MS, around);
  return async (message) => {
    const body = bodyWithin(MOST_BYTES, LONGEST_TEXT, message, (plain) => ({
      ...(channel !== undefined && { channel }),
      text: escaped(plain.title),
      blocks: blocksOf(plain, message, around.takesSlackAnswers),
      unfurl_links: false,
      unfurl_media: false,
    }));
    if (channel === undefined) {
      await post(addressIn(around, setting), body, { from: setting });
      return undefined;
    }
    const authorization = `Bearer ${requiredSetting(around, setting)}`;
    const url = new URL(`${apiUrl.replace(/\/+$/, "")}/chat.postMessage`);
    judge(await post(url, body, { from: setting, headers: { authorization } }), setting);
    return undefined;
  };
}

/** Slack answers 200 to what it refuses, too. */
const Answer = z.object({ ok: z.boolean(), error: z.string().optional() });

const PASSING = new Set([
  ...["ratelimited", "rate_limited", "message_limit_exceeded", "internal_error", "fatal_error", "request_timeout"],
  ...["service_unavailable", "team_added_to_org"],
]);

function judge({ text }: Posted, setting: string): void {
  const answer = Answer.safeParse(parseJson(text)).data;
  if (!answer) throw unavailable("Slack answered with something else than JSON");
  if (answer.ok) return;
  const code = /^[a-z_]{1,60}$/.test(answer.error ?? "") ? answer.error : "no reason";
  if (PASSING.has(code ?? "")) throw unavailable(`Slack said ${code}`);
  throw refused(`Slack said ${code}; check the app setting ${setting}, and the channel in notifications.yaml`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @see https://docs.slack.dev/messaging/formatting-message-text - these three are what Slack reads */
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function blocksOf({ title, text, facts }: PlainMessage, { questionId, links }: Message, takesAnswers: boolean) {
  const lines = facts.flatMap(({ name, value }) => [bold(`\n${name}: `), words(value)]);
  const linked = links.flatMap(({ label, url }) => [words("\n"), { type: "link", url, text: label }]);
  const section = { type: "rich_text_section", elements: [bold(title), words(`\n${text}\n`), ...lines, ...linked] };
  return [
    { type: "rich_text", elements: [section] },
    ...(questionId !== undefined && takesAnswers ? [buttons(questionId)] : []),
  ];
}

const words = (text: string) => ({ type: "text", text: text || " " });
const bold = (text: string) => ({ ...words(text), style: { bold: true } });

const buttons = (questionId: string) => ({
  type: "actions",
  elements: [
    { ...button("Approve"), action_id: "approve", value: questionId, style: "primary" },
    { ...button("Decline"), action_id: "decline", value: questionId, style: "danger" },
  ],
});

const button = (label: string) => ({ type: "button", text: { type: "plain_text", text: label } });
