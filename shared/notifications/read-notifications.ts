import { existsSync } from "node:fs";
import { join } from "node:path";
import { readConfigFile } from "../config-file.ts";
import { liveFile } from "../live-file.ts";
import { Severity } from "../severity.ts";
import type { Channel, ChannelSetting, Deliver } from "./channel.ts";
import { type ChannelSettings, Notifications } from "./channel-settings.ts";
import { createMailChannel } from "./mail.ts";
import { createSlackChannel } from "./slack.ts";
import { createTeamsChannel } from "./teams.ts";
import { createWebhookChannel } from "./webhook.ts";

export const NOTIFICATIONS_FILE = "notifications.yaml";

/**
 * The channels of the configuration folder as they stand at each call: people change them while the app runs. While the
 * file is broken, the last good ones stay in force. Without a file nobody is told.
 *
 * @param onProblem told once of each problem
 * @throws SettingsError naming every problem with line and column, when the file cannot be used at the start
 */
export function liveChannels(
  folder: string,
  around: ChannelSetting,
  onProblem: (problem: Error) => void,
): () => readonly Channel[] {
  const path = join(folder, NOTIFICATIONS_FILE);
  const read = () => {
    if (!existsSync(path)) return [];
    const { channels } = readConfigFile(folder, NOTIFICATIONS_FILE, Notifications);
    return channels.map((settings) => createChannel(settings, around));
  };
  return liveFile<readonly Channel[]>(read, { path, onProblem });
}

export function createChannel(settings: ChannelSettings, around: ChannelSetting): Channel {
  const { name, events, minSeverity } = settings;
  const rank = (severity: Severity) => Severity.options.indexOf(severity);
  return {
    name,
    isPersonal: "personal" in settings && settings.personal,
    wants: ({ event, severity }) =>
      events.includes(event) && (severity === undefined || rank(severity) >= rank(minSeverity)),
    deliver: deliverOver(settings, around),
  };
}

function deliverOver(settings: ChannelSettings, around: ChannelSetting): Deliver {
  switch (settings.kind) {
    case "teams":
      return createTeamsChannel(settings, around);
    case "slack":
      return createSlackChannel(settings, around);
    case "mail":
      return createMailChannel(settings, around);
    case "webhook":
      return createWebhookChannel(settings, around);
  }
}
