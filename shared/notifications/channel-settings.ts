import { z } from "zod";
import { Severity } from "../severity.ts";
import { NotificationEvent } from "./notification.ts";

/** Only settings of this kind are read for a channel: the file cannot have the app's own secrets sent anywhere. */
export const SETTING_PREFIX = "NOTIFY_";

const SettingName = z
  .string()
  .regex(/^NOTIFY_[A-Z0-9_]{1,100}$/, `is not the name of an app setting for channels: ${SETTING_PREFIX} and capitals`);

const common = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "is not a name of letters, digits, dots and dashes")
    .describe("As the policy names it"),
  events: z
    .array(NotificationEvent)
    .default([])
    .describe("What it is told of, beside the questions that the policy sends it"),
  minSeverity: Severity.default("Informational").describe("Of what has a severity, the mildest it is told of"),
};

const personal = z
  .boolean()
  .default(false)
  .describe("Whether it reaches one person alone: links that answer for a person go nowhere else");

const Teams = z.strictObject({
  ...common,
  kind: z.literal("teams"),
  setting: SettingName.describe("App setting with the address of the workflow"),
  personal,
});

const Slack = z.strictObject({
  ...common,
  kind: z.literal("slack"),
  setting: SettingName.describe(
    "App setting with the address of the incoming webhook, or the token where a channel is given",
  ),
  channel: z
    .string()
    .regex(/^[A-Z0-9]{2,30}$/, "is not the id of a channel or user, like C0123456789")
    .optional()
    .describe("Id of the channel or user that a bot with the token posts to"),
  apiUrl: z
    .url({ protocol: /^https?$/ })
    .default("https://slack.com/api")
    .describe("Of Slack's Web API; GovSlack has another"),
  personal,
});

const Mail = z
  .strictObject({
    ...common,
    kind: z.literal("mail"),
    host: z.hostname().or(z.ipv4()).describe("Mail server"),
    port: z.int().min(1).max(65_535).default(587).describe("With TLS from the start on 465, by STARTTLS on any other"),
    user: z.string().min(1).optional().describe("Name to sign in with; left out where the server asks for none"),
    setting: SettingName.optional().describe("App setting with the password of the user"),
    from: z.email(),
    to: z.array(z.email()).min(1).max(50),
    personal,
  })
  .refine(({ user, setting }) => (user === undefined) === (setting === undefined), {
    path: ["setting"],
    message: "user and setting go together",
  })
  .refine(({ personal, to }) => !personal || to.length === 1, {
    path: ["to"],
    message: "a personal channel has one recipient",
  });

const Webhook = z.strictObject({
  ...common,
  kind: z.literal("webhook"),
  setting: SettingName.describe("App setting with the address"),
  secretSetting: SettingName.describe("App setting with the secret that messages are signed with"),
});

/** One channel of the file. */
export const ChannelSettings = z.discriminatedUnion("kind", [Teams, Slack, Mail, Webhook]);
export type ChannelSettings = z.output<typeof ChannelSettings>;
export type SettingsOf<Kind extends ChannelSettings["kind"]> = Extract<ChannelSettings, { kind: Kind }>;

/** `config/notifications.yaml`: who is told of what, and how. */
export const Notifications = z.strictObject({
  channels: z
    .array(ChannelSettings)
    .max(50)
    .default([])
    .superRefine((channels, context) => {
      for (const [at, { name }] of channels.entries()) {
        if (channels.findIndex((other) => other.name === name) === at) continue;
        context.addIssue({ code: "custom", path: [at, "name"], message: `there are two channels named ${name}` });
      }
    }),
});
