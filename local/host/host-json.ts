import { z } from "zod";
import { readJsonFile } from "./json-file.ts";
import { parseTimeSpan } from "./time-span.ts";

/** A duration such as `"00:00:30"`, read as milliseconds. */
const TimeSpan = z.string().transform((text, context) => {
  const ms = parseTimeSpan(text);
  if (ms === undefined) context.addIssue({ code: "custom", message: 'expected a duration such as "00:00:30"' });
  return ms ?? 0;
});

/** @see https://learn.microsoft.com/azure/azure-functions/functions-bindings-event-hubs#hostjson-settings */
const EventHubsOptions = z.strictObject({
  maxEventBatchSize: z.int().min(1).default(100),
  minEventBatchSize: z.int().min(1).default(1),
  maxWaitTime: TimeSpan.default(60_000),
  batchCheckpointFrequency: z.int().min(1).default(1),
  prefetchCount: z.int().min(1).default(300),
  transportType: z.enum(["amqpTcp", "amqpWebSockets"]).default("amqpTcp"),
  trackLastEnqueuedEventProperties: z.boolean().default(false),
  initialOffsetOptions: z
    .strictObject({
      type: z.enum(["fromStart", "fromEnd", "fromEnqueuedTime"]).default("fromStart"),
      enqueuedTimeUtc: z.iso.datetime({ offset: true }).optional(),
    })
    .default({ type: "fromStart" })
    .refine(({ type, enqueuedTimeUtc }) => type !== "fromEnqueuedTime" || enqueuedTimeUtc !== undefined, {
      message: "fromEnqueuedTime needs enqueuedTimeUtc",
    }),
  targetUnprocessedEventThreshold: z.unknown().optional(),
  partitionOwnershipExpirationInterval: z.unknown().optional(),
  loadBalancingUpdateInterval: z.unknown().optional(),
  clientRetryOptions: z.unknown().optional(),
});

/** Sections the embedded host has no use for, but which are right in a `host.json`. */
const elsewhere = z.unknown().optional();

/** @see https://learn.microsoft.com/azure/azure-functions/functions-host-json */
const HostJson = z.strictObject({
  $schema: elsewhere,
  version: z.literal("2.0"),
  extensions: z
    .strictObject({
      http: z
        .strictObject({
          routePrefix: z.string().default("api"),
          maxOutstandingRequests: elsewhere,
          maxConcurrentRequests: elsewhere,
          dynamicThrottlesEnabled: elsewhere,
          hsts: elsewhere,
          customHeaders: z.record(z.string(), z.string()).default({}),
        })
        .prefault({}),
      eventHubs: EventHubsOptions.prefault({}),
      durableTask: z.record(z.string(), z.unknown()).default({}),
      blobs: elsewhere,
      queues: elsewhere,
      serviceBus: elsewhere,
      cosmosDB: elsewhere,
      sendGrid: elsewhere,
      signalR: elsewhere,
    })
    .prefault({}),
  aggregator: elsewhere,
  applicationInsights: elsewhere,
  concurrency: elsewhere,
  customHandler: elsewhere,
  extensionBundle: elsewhere,
  functionTimeout: elsewhere,
  functions: z.array(z.string()).optional(),
  healthMonitor: elsewhere,
  logging: elsewhere,
  managedDependency: elsewhere,
  retry: elsewhere,
  singleton: elsewhere,
  telemetryMode: elsewhere,
  watchDirectories: elsewhere,
  watchFiles: elsewhere,
});

export type HostJson = z.infer<typeof HostJson>;
export type EventHubsOptions = z.infer<typeof EventHubsOptions>;

/**
 * Reads `host.json`. A key the host does not know is passed over with a warning, since it may belong to a newer
 * extension; a wrong value is an error.
 *
 * @throws Error of one sentence that names the file and every wrong key
 */
export async function readHostJson(file: string, warn: (message: string) => void): Promise<HostJson> {
  const json = await readJsonFile(file);
  if (json === undefined) throw new Error(`${file} is missing: an app folder has a host.json with "version": "2.0".`);
  return checkHostJson(json, file, warn);
}

/** The same for what has been read already, such as `{ version: "2.0" }`. */
export function checkHostJson(json: unknown, file = "host.json", warn: (message: string) => void = () => {}): HostJson {
  const known = withoutUnknownKeys(json, (path) => warn(`${file} has a key this host does not know: ${path}`));
  const parsed = HostJson.safeParse(known);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "the file"} (${message})`);
  throw new Error(`${file} has wrong values: ${problems.join(", ")}.`);
}

function withoutUnknownKeys(json: unknown, report: (path: string) => void): unknown {
  const copy: unknown = structuredClone(json);
  for (const issue of HostJson.safeParse(copy).error?.issues ?? []) {
    if (issue.code !== "unrecognized_keys") continue;
    for (const key of issue.keys) {
      report([...issue.path, key].join("."));
      const owner = issue.path.reduce<unknown>((value, name) => (value as Record<PropertyKey, unknown>)[name], copy);
      delete (owner as Record<string, unknown>)[key];
    }
  }
  return copy;
}
