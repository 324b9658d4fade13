import { z } from "zod";
import { readJsonFile } from "./json-file.ts";

/** App settings by name: where the outside is and how to reach it. Values may be secrets: never log them. */
export type Settings = Readonly<Record<string, string>>;

const LocalSettings = z.object({
  IsEncrypted: z.boolean().optional(),
  Values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});

/**
 * Reads app settings as Core Tools does: `Values` of `local.settings.json`, over which the environment wins.
 *
 * @throws Error of one sentence that names the file and the place, never a value
 * @see https://learn.microsoft.com/azure/azure-functions/functions-develop-local#local-settings-file
 */
export async function readSettings(file: string, environment: NodeJS.ProcessEnv = process.env): Promise<Settings> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(await valuesOf(file))) settings[name] = String(value);
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) settings[name] = value;
  return settings;
}

async function valuesOf(file: string): Promise<Record<string, unknown>> {
  const json = await readJsonFile(file);
  if (json === undefined) return {};
  const parsed = LocalSettings.safeParse(json);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join(".") || "the whole file";
    throw new Error(`${file} has a wrong value at ${path}: "Values" is an object of texts, such as "NAME": "value".`);
  }
  if (parsed.data.IsEncrypted) {
    throw new Error(`${file} is encrypted: run "func settings decrypt" and set "IsEncrypted" to false.`);
  }
  return parsed.data.Values ?? {};
}

/**
 * Puts app settings into a text that names them between percent signs, as in `"%ALERTS_HUB%"`.
 *
 * @throws Error naming the setting that is missing
 */
export function resolveSettings(text: string, settings: Settings): string {
  return text.replace(/%([^%\s]+)%/g, (_, name: string) => {
    const value = settings[name];
    if (value === undefined || value === "") throw new Error(`the app setting ${name} is not set`);
    return value;
  });
}
