import { z } from "zod";

const positive = z.coerce.number().positive();

/** Every app setting the app reads, beside those of the Functions host itself. */
const Environment = z.object({
  AzureWebJobsStorage: z.string().min(1).optional(),
  AzureWebJobsStorage__accountName: z.string().min(1).optional(),
  AzureWebJobsStorage__blobServiceUri: z.url().optional(),
  AzureWebJobsStorage__tableServiceUri: z.url().optional(),
  AlertEventHub: z.string().min(1).optional(),
  AlertEventHub__fullyQualifiedNamespace: z.string().min(1).optional(),
  ALERT_EVENT_HUB_NAME: z.string().min(1),
  ALERT_EVENT_HUB_CONSUMER_GROUP: z.string().min(1).default("$Default"),
  ALERT_MAX_AGE_HOURS: z.coerce.number().nonnegative().default(24),
  ALERT_SETTLE_SECONDS: positive.default(30),
  DEFENDER_API_URL: z.url().default("https://api.security.microsoft.com"),
  DEFENDER_TOKEN_SCOPE: z.string().min(1).default("https://api.securitycenter.microsoft.com/.default"),
  DEFENDER_TIMEOUT_SECONDS: positive.default(30),
  AZURE_CLIENT_ID: z.string().min(1).optional(),
  AZURE_AUTHORITY_HOST: z.url().optional(),
  PLAYBOOKS_CONFIG_FOLDER: z.string().min(1).optional(),
  PLAYBOOKS_RUN_RETENTION_DAYS: positive.default(90),
});

const BLOB_URI = "AzureWebJobsStorage__blobServiceUri";

/** Prefixes that are ours: an unknown setting under one of them is a misspelling, not somebody else's. */
const OUR_PREFIXES = ["ALERT_", "DEFENDER_", "PLAYBOOKS_"];

/** A setting that cannot be used. The message names every one of them. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

export type Config = ReturnType<typeof readConfig>;

/**
 * Reads the app settings once, at start.
 *
 * @throws SettingsError naming every missing, malformed or unknown setting
 */
export function readConfig(environment: NodeJS.ProcessEnv) {
  // A setting left blank is one that is not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const { data, error } = Environment.safeParse(given);
  const problems = [
    ...(error?.issues ?? []).map((issue) => `${issue.path.join(".")}: ${describe(issue)}`),
    ...unknownSettings(environment),
    ...missingOneOf(given, "AzureWebJobsStorage", "AzureWebJobsStorage__accountName", BLOB_URI),
    ...missingOneOf(given, "AlertEventHub", "AlertEventHub__fullyQualifiedNamespace"),
  ];
  if (!data || problems.length > 0) {
    throw new SettingsError(`App settings cannot be used. ${problems.map((problem) => `\n  ${problem}`).join("")}`);
  }
  const accountUrl = (service: string) =>
    `https://${data.AzureWebJobsStorage__accountName}.${service}.core.windows.net`;
  return {
    storage: {
      connectionString: data.AzureWebJobsStorage,
      blobUrl: data.AzureWebJobsStorage__blobServiceUri ?? accountUrl("blob"),
      tableUrl: data.AzureWebJobsStorage__tableServiceUri ?? accountUrl("table"),
    },
    alerts: {
      /** The name of the setting that holds the connection, as the trigger wants it. */
      connection: "AlertEventHub",
      eventHubName: data.ALERT_EVENT_HUB_NAME,
      consumerGroup: data.ALERT_EVENT_HUB_CONSUMER_GROUP,
      /** Older alerts are not acted on: after a fresh start the stream is read from its beginning. 0 = no limit. */
      maxAgeMs: data.ALERT_MAX_AGE_HOURS * 3_600_000,
      /** How long to wait for the rest of an alert before the alert is read from the API. */
      settleSeconds: data.ALERT_SETTLE_SECONDS,
    },
    defender: {
      apiUrl: data.DEFENDER_API_URL,
      scope: data.DEFENDER_TOKEN_SCOPE,
      timeoutMs: data.DEFENDER_TIMEOUT_SECONDS * 1000,
    },
    identity: { clientId: data.AZURE_CLIENT_ID, authorityHost: data.AZURE_AUTHORITY_HOST },
    runs: { retentionDays: data.PLAYBOOKS_RUN_RETENTION_DAYS },
    configFolder: data.PLAYBOOKS_CONFIG_FOLDER,
  };
}

function describe(issue: z.core.$ZodIssue): string {
  const isMissing = issue.code === "invalid_type" && issue.input === undefined;
  return isMissing ? "is not set" : issue.message;
}

function missingOneOf(environment: NodeJS.ProcessEnv, ...names: string[]): string[] {
  return names.some((name) => environment[name]) ? [] : [`${names.join(" or ")}: one of them must be set`];
}

function unknownSettings(environment: NodeJS.ProcessEnv): string[] {
  const known = Object.keys(Environment.shape);
  return Object.keys(environment)
    .filter((name) => OUR_PREFIXES.some((prefix) => name.startsWith(prefix)) && !known.includes(name))
    .map((name) => {
      const meant = known.find((candidate) => sameLetters(candidate) === sameLetters(name));
      return `${name}: is not a setting of this app${meant ? `; ${meant} is` : ""}`;
    });
}

const sameLetters = (name: string): string => name.toLowerCase().replaceAll("_", "");
