import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readJsonFile } from "./host/json-file.ts";
import { openKeys } from "./host/keys.ts";
import { readSettings, type Settings } from "./host/settings.ts";

/** Where an app runs, and the settings it runs with. Holds secrets: never log it. */
export interface RunningApp {
  /** e.g. `https://playbooks.azurewebsites.net` */
  url: string;
  /** Opens its functions. */
  key: string;
  settings: Settings;
}

const Started = z.object({ url: z.url(), keysFile: z.string(), settings: z.record(z.string(), z.string()) });
type Started = z.infer<typeof Started>;

const fileIn = (folder: string): string => join(folder, "app.json");

/** Says in a folder where the app runs that was started from it. Only the owner can read it, as it holds secrets. */
export const announceApp = (folder: string, app: Started): Promise<void> =>
  writeFile(fileIn(folder), `${JSON.stringify(app, null, 2)}\n`, { mode: 0o600 });

export const withdrawApp = (folder: string): Promise<void> => rm(fileIn(folder), { force: true });

/**
 * Finds the app to work with: the one APP_URL and APP_KEY name, with the app settings of the environment and of
 * `local.settings.json`; else the one that `npm start` started.
 *
 * @param folder where `npm start` keeps everything
 * @throws Error of one sentence that says what to do
 */
export async function findApp(folder: string, environment: NodeJS.ProcessEnv = process.env): Promise<RunningApp> {
  const { APP_URL: url, APP_KEY: key } = environment;
  if (url && key) return { url, key, settings: await readSettings("local.settings.json", environment) };
  if (url || key) throw new Error("APP_URL and APP_KEY belong together: set both, or none to use what npm start runs.");

  const started = Started.safeParse(await readJsonFile(fileIn(folder))).data;
  if (!started) throw new Error("No app was found: start one with npm start, or set APP_URL and APP_KEY.");
  const { functionKey } = await openKeys(started.keysFile);
  return { url: started.url, key: functionKey, settings: started.settings };
}
