import { join } from "node:path";
import { readConfigFile } from "../config-file.ts";
import { SyncSettings } from "../indicators/sync-settings.ts";
import { WarningList, type WarningListInUse } from "../indicators/warning-list.ts";
import { liveFile } from "../live-file.ts";

/** The file in the configuration folder. */
export const FEEDS_FILE = "feeds.yaml";

/** What the sync is told to do, and the warning lists it names. */
export interface FeedsConfig {
  settings: SyncSettings;
  warningLists: WarningListInUse[];
}

/**
 * Reads the feeds, how far they are trusted, and what is never blocked.
 *
 * @throws SettingsError naming every problem with file, line and column; a broken file, or list, is refused whole
 */
export function readFeeds(folder: string): FeedsConfig {
  const settings = readConfigFile(folder, FEEDS_FILE, SyncSettings);
  const warningLists = settings.warningLists.map(({ file, ...use }) => ({
    list: readConfigFile(folder, file, WarningList),
    ...use,
  }));
  return { settings, warningLists };
}

/**
 * The same as it stands at each call: people change it while the app runs. Warning lists are read again when the file
 * changes. While something is broken, the last good version stays in force.
 *
 * @param onProblem told once of each problem
 * @throws SettingsError when it cannot be used at the start
 */
export const liveFeeds = (folder: string, onProblem: (problem: Error) => void): (() => FeedsConfig) =>
  liveFile(() => readFeeds(folder), { path: join(folder, FEEDS_FILE), onProblem });
