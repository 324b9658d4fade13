import { z } from "zod";
import type { TokenSetting } from "./access/person-of-token.ts";
import { CLOUDS, type CloudName, clouds, GEOS, type ServiceAddress, servicesOf } from "./defender/clouds.ts";
import { IDENTITY_KINDS } from "./defender/identity/identity-options.ts";
import { readIdentity } from "./defender/identity/read-identity.ts";
import { SETTING_PREFIX } from "./notifications/channel-settings.ts";
import { evidenceStorage, exportStorage, ownStorage } from "./storage/storage-settings.ts";
import { problemsOfTickets, TICKET_SYSTEMS, ticketSettings } from "./tickets/ticket-settings.ts";

const positive = z.coerce.number().positive();
const text = z.string().min(1);

/**
 * Whether alerts are read from the API too: not at all, beside the stream so that what the stream has lost is not missed,
 * or in place of the stream.
 */
const POLL_MODES = ["off", "fill-gaps", "only"] as const;

/** Every app setting the app reads, beside those of the Functions host itself. */
const Environment = z.object({
  AzureWebJobsStorage: text.optional(),
  AzureWebJobsStorage__accountName: text.optional(),
  AzureWebJobsStorage__blobServiceUri: z.url().optional(),
  AzureWebJobsStorage__tableServiceUri: z.url().optional(),
  AlertEventHub: text.optional(),
  AlertEventHub__fullyQualifiedNamespace: text.optional(),
  ALERT_EVENT_HUB_NAME: text.optional(),
  ALERT_EVENT_HUB_CONSUMER_GROUP: text.default("$Default"),
  ALERT_MAX_AGE_HOURS: z.coerce.number().nonnegative().default(24),
  ALERT_SETTLE_SECONDS: positive.default(30),
  ALERT_TENANTS: text.optional(),
  ALERT_POLL: z.enum(POLL_MODES).default("off"),
  ALERT_POLL_OVERLAP_MINUTES: positive.default(10),
  ALERT_EXPORT_CONNECTION: text.optional(),
  ALERT_EXPORT_ACCOUNT_URL: z.url().optional(),
  ALERT_EXPORT_LOOK_BACK_HOURS: positive.default(48),
  DEFENDER_CLOUD: z.enum(CLOUDS).default("commercial"),
  DEFENDER_GEO: z.enum(GEOS).optional(),
  DEFENDER_API_URL: z.url().optional(),
  DEFENDER_TOKEN_SCOPE: text.optional(),
  XDR_API_URL: z.url().optional(),
  XDR_TOKEN_SCOPE: text.optional(),
  GRAPH_API_URL: z.url().optional(),
  GRAPH_TOKEN_SCOPE: text.optional(),
  DEFENDER_TIMEOUT_SECONDS: positive.default(30),
  DEFENDER_LIMIT_SCALE: positive.default(1),
  DEFENDER_IDENTITY: z.enum(IDENTITY_KINDS).default("default"),
  DEFENDER_TENANT_ID: text.optional(),
  DEFENDER_CLIENT_ID: text.optional(),
  DEFENDER_CLIENT_SECRET: text.optional(),
  DEFENDER_CERTIFICATE_PATH: text.optional(),
  AZURE_TENANT_ID: text.optional(),
  AZURE_CLIENT_ID: text.optional(),
  AZURE_CLIENT_SECRET: text.optional(),
  AZURE_CLIENT_CERTIFICATE_PATH: text.optional(),
  AZURE_AUTHORITY_HOST: z.url().optional(),
  EVIDENCE_ACCOUNT_URL: z.url().optional(),
  EVIDENCE_RETENTION_DAYS: positive.max(146_000).optional(),
  EVIDENCE_MAX_MB: positive.default(3_072),
  EVIDENCE_IMMUTABILITY: z.enum(["unlocked", "locked"]).default("unlocked"),
  ENTRA_AUDIENCE: text.optional(),
  ENTRA_ISSUER: z.url().optional(),
  ENTRA_JWKS_URL: z.url().optional(),
  APPROVAL_PUBLIC_URL: z.url().optional(),
  APPROVAL_SLACK_SIGNING_SECRET: text.optional(),
  TICKET_SYSTEM: z.enum(TICKET_SYSTEMS).default("built-in"),
  TICKET_URL: z.url().optional(),
  TICKET_USER: text.optional(),
  TICKET_SECRET: text.optional(),
  TICKET_PROJECT: text.optional(),
  TICKET_GROUP: text.optional(),
  TICKET_TYPE: text.optional(),
  TICKET_PRIORITIES: text.optional(),
  TICKET_OPEN_STATE: text.optional(),
  TICKET_CLOSED_STATE: text.optional(),
  WEBSITE_HOSTNAME: text.optional(),
  PLAYBOOKS_CONFIG_FOLDER: text.optional(),
  PLAYBOOKS_RUN_RETENTION_DAYS: positive.default(90),
});

/** The names of all of them: what `infra/` sets, and what it leaves out on purpose. */
export const SETTING_NAMES: readonly string[] = Object.keys(Environment.shape);

const BLOB_URI = "AzureWebJobsStorage__blobServiceUri";

/** Prefixes that are ours: an unknown setting under one of them is a misspelling, not somebody else's. */
const OUR_PREFIXES = [
  "ALERT_",
  "APPROVAL_",
  "DEFENDER_",
  "ENTRA_",
  "EVIDENCE_",
  "PLAYBOOKS_",
  "TICKET_",
  "GRAPH_API",
  "GRAPH_TOKEN",
  "XDR_API",
  "XDR_TOKEN",
];

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
  const cloudName = CLOUDS.find((name) => name === given.DEFENDER_CLOUD) ?? "commercial";
  const { identity, problems: problemsOfIdentity } = readIdentity(given, clouds[cloudName]);
  const problems = [
    ...missingStream(given),
    ...(error?.issues ?? []).map((issue) => `${issue.path.join(".")}: ${describe(issue)}`),
    ...unknownSettings(environment),
    ...missingOneOf(given, "AzureWebJobsStorage", "AzureWebJobsStorage__accountName", BLOB_URI),
    ...wrongGeo(given.DEFENDER_GEO, cloudName),
    ...problemsOfIdentity,
    ...missingTenant(given),
    ...problemsOfTickets(given),
  ];
  if (!data || problems.length > 0) {
    throw new SettingsError(`App settings cannot be used. ${problems.map((problem) => `\n  ${problem}`).join("")}`);
  }
  const exportAccount = exportStorage(given);
  const services = servicesOf(cloudName, data.DEFENDER_GEO);
  return {
    storage: ownStorage(given),
    evidenceStorage: evidenceStorage(given),
    alerts: {
      /** The name of the setting that holds the connection, as the trigger wants it. */
      connection: "AlertEventHub",
      eventHubName: data.ALERT_EVENT_HUB_NAME ?? "",
      consumerGroup: data.ALERT_EVENT_HUB_CONSUMER_GROUP,
      /** Older alerts are not acted on: after a fresh start the stream is read from its beginning. 0 = no limit. */
      maxAgeMs: data.ALERT_MAX_AGE_HOURS * 3_600_000,
      /** How long to wait for the rest of an alert before the alert is read from the API. */
      settleSeconds: data.ALERT_SETTLE_SECONDS,
      /** Tenants whose alerts are acted on: those named, else the app's own where it is known; absent: any. */
      tenants: tenantsOf(data.ALERT_TENANTS ?? data.DEFENDER_TENANT_ID ?? data.AZURE_TENANT_ID),
    },
    /** Where alerts come from. */
    sources: {
      stream: data.ALERT_POLL !== "only",
      /** The account Defender exports to, where alerts are read from one. */
      exportAccount: exportAccount && { ...exportAccount, lookBackHours: data.ALERT_EXPORT_LOOK_BACK_HOURS },
      /** How far each poll goes back behind the last, as alerts become visible late; absent: no polling. */
      poll: data.ALERT_POLL === "off" ? undefined : { overlapMinutes: data.ALERT_POLL_OVERLAP_MINUTES },
    },
    defender: {
      timeoutMs: data.DEFENDER_TIMEOUT_SECONDS * 1000,
      hunting: clouds[cloudName].hunting,
      /** Whose limits, machines and runs these are: part of the key of everything that is kept. */
      tenantId: data.DEFENDER_TENANT_ID ?? data.AZURE_TENANT_ID ?? "home",
      /** The share of Defender's limits this app may use, as other apps of the same registration use them too. */
      limitScale: data.DEFENDER_LIMIT_SCALE,
    },
    /** Where Defender for Endpoint, Defender XDR and Graph are, and what their tokens are asked for. */
    services: {
      defender: overridden(services.defender, data.DEFENDER_API_URL, data.DEFENDER_TOKEN_SCOPE),
      xdr: overridden(services.xdr, data.XDR_API_URL, data.XDR_TOKEN_SCOPE),
      graph: overridden(services.graph, data.GRAPH_API_URL, data.GRAPH_TOKEN_SCOPE),
    },
    /** Who signs in to them. Holds a secret where that is the proof: never log it. */
    identity,
    /** How people answer questions. */
    approvals: {
      /** Whose tokens count; absent: none do. */
      tokens: tokensOf(data, clouds[cloudName].authorityHost),
      /** Proves that an answer comes from Slack. A secret: never log it. Absent: none does. */
      slackSigningSecret: data.APPROVAL_SLACK_SIGNING_SECRET,
      /** Where people reach the app from outside. */
      publicUrl: data.APPROVAL_PUBLIC_URL ?? addressOf(data.WEBSITE_HOSTNAME),
    },
    /** Absent: the app keeps its tickets itself. Holds a secret: never log it. */
    tickets: ticketSettings(given),
    evidence: {
      /** How long evidence is kept; absent: without end, and none is ever purged. */
      retentionDays: data.EVIDENCE_RETENTION_DAYS,
      atMostBytes: data.EVIDENCE_MAX_MB * 1024 ** 2,
      advice: `EVIDENCE_MAX_MB is ${data.EVIDENCE_MAX_MB}: raise it, or fetch the file in Defender's portal.`,
      /** A locked policy of the blob service can be shortened by nobody. */
      policyMode: data.EVIDENCE_IMMUTABILITY === "locked" ? ("Locked" as const) : ("Unlocked" as const),
      /** Who stands in custody records as having stored it. */
      storedBy: `app ${data.DEFENDER_CLIENT_ID ?? data.AZURE_CLIENT_ID ?? data.WEBSITE_HOSTNAME ?? "defender-playbooks"}`,
    },
    /** What the channels of the configuration folder use. */
    notifications: {
      /** A secret, or an address that is one: never log it. Nothing of the app's own. */
      settingOf: (name: string) => (name.startsWith(SETTING_PREFIX) ? given[name] : undefined),
      takesSlackAnswers: data.APPROVAL_SLACK_SIGNING_SECRET !== undefined,
    },
    runs: { retentionDays: data.PLAYBOOKS_RUN_RETENTION_DAYS },
    configFolder: data.PLAYBOOKS_CONFIG_FOLDER,
  };
}

/** The app's own registration in Entra; issuer and keys follow from the tenant. */
function tokensOf(data: z.output<typeof Environment>, authorityHost: string): TokenSetting | undefined {
  const { ENTRA_AUDIENCE: audience, ENTRA_ISSUER, ENTRA_JWKS_URL } = data;
  const tenantId = (data.DEFENDER_TENANT_ID ?? data.AZURE_TENANT_ID)?.toLowerCase();
  if (!audience || !tenantId) return undefined;
  const authority = `${(data.AZURE_AUTHORITY_HOST ?? authorityHost).replace(/\/$/, "")}/${tenantId}`;
  return {
    ...{ audience, tenantId },
    issuer: ENTRA_ISSUER ?? `${authority}/v2.0`,
    keysUrl: ENTRA_JWKS_URL ?? `${authority}/discovery/v2.0/keys`,
  };
}

function missingTenant({ ENTRA_AUDIENCE, DEFENDER_TENANT_ID, AZURE_TENANT_ID }: NodeJS.ProcessEnv): string[] {
  if (!ENTRA_AUDIENCE || DEFENDER_TENANT_ID || AZURE_TENANT_ID) return [];
  return ["ENTRA_AUDIENCE: tokens of people cannot be checked unless AZURE_TENANT_ID is set"];
}

/** Azure names the host alone; on one machine there is no TLS. */
const addressOf = (host: string | undefined): string | undefined =>
  host && `${/^(localhost|127\.0\.0\.1)(:|$)/.test(host) ? "http" : "https"}://${host}`;

/** A list with commas; `*` for any tenant. */
function tenantsOf(list: string | undefined): ReadonlySet<string> | undefined {
  const names = (list ?? "*").split(",").map((name) => name.trim().toLowerCase());
  return names.includes("*") ? undefined : new Set(names.filter((name) => name !== ""));
}

/** What an operator set wins over the table of clouds. */
const overridden = (known: ServiceAddress, apiUrl = known.apiUrl, scope = known.scope): ServiceAddress => ({
  apiUrl,
  scope,
});

/** The stream must be named unless alerts are to be read from the API alone. */
function missingStream(given: NodeJS.ProcessEnv): string[] {
  if (given.ALERT_POLL === "only") return [];
  return [
    ...(given.ALERT_EVENT_HUB_NAME ? [] : ["ALERT_EVENT_HUB_NAME: is not set"]),
    ...missingOneOf(given, "AlertEventHub", "AlertEventHub__fullyQualifiedNamespace"),
  ];
}

function wrongGeo(geo: string | undefined, cloud: CloudName): string[] {
  return geo && cloud !== "commercial"
    ? [`DEFENDER_GEO: only the commercial cloud has geographies, and DEFENDER_CLOUD is ${cloud}`]
    : [];
}

function describe(issue: z.core.$ZodIssue): string {
  const isMissing = issue.code === "invalid_type" && issue.input === undefined;
  return isMissing ? "is not set" : issue.message;
}

function missingOneOf(environment: NodeJS.ProcessEnv, ...names: string[]): string[] {
  return names.some((name) => environment[name]) ? [] : [`${names.join(" or ")}: one of them must be set`];
}

function unknownSettings(environment: NodeJS.ProcessEnv): string[] {
  return Object.keys(environment)
    .filter((name) => OUR_PREFIXES.some((prefix) => name.startsWith(prefix)) && !SETTING_NAMES.includes(name))
    .map((name) => {
      const meant = SETTING_NAMES.find((candidate) => sameLetters(candidate) === sameLetters(name));
      return `${name}: is not a setting of this app${meant ? `; ${meant} is` : ""}`;
    });
}

const sameLetters = (name: string): string => name.toLowerCase().replaceAll("_", "");
