import type { ChannelSetting, Deliver, Message } from "./channel.ts";
import type { SettingsOf } from "./channel-settings.ts";
import { addressIn, createHttpPost } from "./http-post.ts";
import { bodyWithin, type PlainMessage } from "./in-plain-text.ts";

/** Of a message that comes by a webhook. */
const MOST_BYTES = 28 * 1024;
const LONGEST_TEXT = 8_000;

/** Four requests a second. */
const EVERY_MS = 250;

/**
 * Posts cards to the workflow "When a Teams webhook request is received", which shows them in a channel or chat. That it
 * took one says nothing about what came after.
 *
 * Text of alerts stands in runs of text only: unlike text blocks and facts, these know no Markdown.
 *
 * @see https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using - 28 KB, four requests a second
 * @see https://adaptivecards.io/explorer/RichTextBlock.html
 */
export function createTeamsChannel({ setting }: SettingsOf<"teams">, around: ChannelSetting): Deliver {
  const post = createHttpPost("Teams", EVERY_MS, around);
  return async (message) => {
    const body = bodyWithin(MOST_BYTES, LONGEST_TEXT, message, (plain) => cardMessage(plain, message));
    await post(addressIn(around, setting), body, { from: setting });
    return undefined;
  };
}

const cardMessage = ({ title, text, facts }: PlainMessage, { links }: Message) => ({
  type: "message",
  attachments: [
    {
      contentType: "application/vnd.microsoft.card.adaptive",
      contentUrl: null,
      content: {
        $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
        type: "AdaptiveCard",
        version: "1.4",
        msteams: { width: "Full" },
        body: [
          line([{ text: title, size: "Medium", weight: "Bolder" }]),
          ...text.split("\n").map((words) => line([{ text: words }], "None")),
          ...facts.map(({ name, value }, at) =>
            line([{ text: `${name}: `, weight: "Bolder" }, { text: value }], at === 0 ? "Medium" : "None"),
          ),
        ],
        ...(links.length > 0 && {
          actions: links.map(({ label: title, url }) => ({ type: "Action.OpenUrl", title, url })),
        }),
      },
    },
  ],
});

interface TextRun {
  text: string;
  size?: "Medium";
  weight?: "Bolder";
}

const line = (runs: TextRun[], spacing?: "None" | "Medium") => ({
  type: "RichTextBlock",
  ...(spacing && { spacing }),
  // An empty run is refused.
  inlines: runs.map((run) => ({ type: "TextRun", ...run, text: run.text || " " })),
});
