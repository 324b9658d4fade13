import { z } from "zod";
import { IndicatorType } from "../defender/indicators/indicator.ts";
import { FeedSource } from "./feed-source.ts";
import { NetworkSet } from "./network-set.ts";
import { normalise } from "./normalise.ts";
import { isRefusal } from "./skip-reason.ts";
import { TLP } from "./tlp.ts";

const Percent = z.number().min(0).max(100);
const Text = z.string().trim().min(1).max(200);

/** What may come of a value, the mildest first. `Allowed` is never written: it would override every block. */
export const FEED_ACTIONS = ["Audit", "Warn", "Block", "BlockAndRemediate"] as const;
export type FeedAction = (typeof FEED_ACTIONS)[number];

/** How a line of a list, or a row of a table, is read. */
export const Layout = z.strictObject({
  type: z
    .enum([...IndicatorType.options, "Network"])
    .default("Network")
    .describe("What the values are; Network: address, domain or URL, by their form"),
  separator: z.string().length(1).default(",").describe("Between the columns of a table"),
  header: z.boolean().default(true).describe("Whether a table begins with the names of its columns"),
  value: z.union([Text, z.int().nonnegative()]).default(0).describe("Column of the value, by name or number from 0"),
  firstSeen: z.union([Text, z.int().nonnegative()]).optional().describe("Column of the time it was first seen"),
  lastSeen: z.union([Text, z.int().nonnegative()]).optional().describe("Column of the time it was last seen"),
  confidence: z.union([Text, z.int().nonnegative()]).optional().describe("Column of the confidence, 0 to 100"),
});
export type Layout = z.infer<typeof Layout>;

/** One feed, and how far it is trusted. */
export const FeedSettings = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "use small letters, digits and hyphens, 40 at most")
    .describe("Shown in titles of indicators"),
  kind: z.enum(["taxii", "misp", "threatfox", "urlhaus", "malware-bazaar", "feodo", "otx", "list", "csv"]),
  enabled: z.boolean().default(true),
  ...FeedSource.shape,
  stage: z
    .enum(["monitor", "enforce"])
    .default("monitor")
    .describe("monitor: everything is Audit, whatever else is said here"),
  holds: z
    .enum(["recent", "everything"])
    .default("recent")
    .describe("everything: what a complete pass lacks is withdrawn; recent: it stays until it expires"),
  missingRuns: z
    .int()
    .positive()
    .default(2)
    .describe("After being missing in so many complete passes a value is withdrawn"),
  trust: Percent.default(100).describe("The most confidence that a value gets from this feed"),
  confidence: Percent.default(50).describe("The confidence of values for which the feed gives none"),
  mostAction: z.enum(FEED_ACTIONS).default("Block").describe("The strongest action"),
  uncertain: z.enum(["Audit", "Warn"]).default("Audit").describe("The action from 50 to below 70 of confidence"),
  alerts: z.boolean().default(true).describe("Whether blocks raise alerts"),
  tlp: z
    .enum(TLP)
    .optional()
    .describe("The TLP of what carries no mark; without, names of malware are kept to ourselves"),
  own: z.boolean().default(false).describe("The feed is this organisation's own: AMBER+STRICT may be used"),
  types: z
    .array(IndicatorType)
    .min(1)
    .default(["FileSha256", "FileSha1", "IpAddress", "DomainName", "Url"])
    .describe("Types taken; MD5 and certificates are not, unless named here"),
  inbound: z.boolean().default(false).describe("Whether addresses that attacks come from are taken too"),
  allowWidening: z
    .boolean()
    .default(false)
    .describe("Whether values may be blocked whose indicator matches more than the feed means"),
  days: z
    .partialRecord(IndicatorType, z.number().positive().max(365))
    .default({})
    .describe("Days an indicator lives after the value was last seen, by type"),
  sharePercent: Percent.default(100).describe("The most of all room that the feed may use"),
  layout: Layout.optional().describe("For lists and tables"),
});
export type FeedSettings = z.infer<typeof FeedSettings>;

/** The end of a day counts in UTC. */
const AllowEntry = z.strictObject({
  value: z
    .string()
    .trim()
    .max(2_048)
    .refine(isUnderstood, "is no domain, address, range, URL or hash")
    .describe("Domain (with all below it), address, range, URL (with all below it), or hash"),
  owner: Text.describe("Who answers for it"),
  reason: Text,
  expires: z.iso.date().optional().describe("After this day (UTC) it no longer counts"),
});
export type AllowEntry = z.infer<typeof AllowEntry>;

/** An entry that says nothing would protect nothing, and nobody would notice. */
function isUnderstood(value: string): boolean {
  if (/^[0-9a-f]+$/i.test(value)) return [32, 40, 64].includes(value.length);
  return new NetworkSet().add(value, "") || !isRefusal(normalise("Network", value));
}

const WarningListUse = z.strictObject({
  file: Text.describe("A MISP warning list, beside this file"),
  subdomains: z.boolean().default(true).describe("Whether what lies under its names is kept free too"),
  urls: z.boolean().default(true).describe("Whether URLs on its hosts are kept free too"),
});
export type WarningListUse = z.infer<typeof WarningListUse>;

/** Of these kinds there is one feed, and one knows where. */
const KNOWN_PLACES: ReadonlySet<string> = new Set(["threatfox", "urlhaus", "malware-bazaar", "feodo", "otx"]);

/** `config/feeds.yaml`. */
export const SyncSettings = z
  .strictObject({
    enabled: z.boolean().default(false).describe("Whether feeds are synchronised at all"),
    appId: z.guid().optional().describe("The app registration of the sync, which makes nothing else"),
    marker: z.string().min(3).max(30).default("[feed]").describe("What the title of each indicator begins with"),
    capacity: z.int().positive().max(15_000).default(15_000).describe("Indicators a tenant can have"),
    reserve: z.int().nonnegative().default(500).describe("Room left to people and playbooks"),
    floors: z
      .partialRecord(IndicatorType, z.int().nonnegative())
      .default({})
      .describe("Room that other types cannot take, by type"),
    removals: z
      .strictObject({ always: z.int().nonnegative().default(200), percent: Percent.default(20) })
      .default({ always: 200, percent: 20 })
      .describe("More removals in one run than both are held back until a person lets them pass"),
    respectDeletesDays: z
      .number()
      .nonnegative()
      .default(90)
      .describe("So long what a person deleted is not made again"),
    allow: z.array(AllowEntry).default([]).describe("What is never blocked"),
    warningLists: z.array(WarningListUse).default([]),
    feeds: z.array(FeedSettings).default([]),
  })
  .superRefine(({ enabled, appId, feeds }, context) => {
    if (enabled && !appId)
      context.addIssue({ code: "custom", path: ["appId"], message: "is needed once the sync is enabled" });
    for (const [index, { name, kind, layout, url }] of feeds.entries()) {
      const problem = (key: string, message: string) =>
        context.addIssue({ code: "custom", path: ["feeds", index, key], message });
      if (feeds.findIndex((other) => other.name === name) < index)
        problem("name", `another feed is named "${name}" too`);
      if (!url && !KNOWN_PLACES.has(kind)) problem("url", `is needed, as ${kind} is not in one place`);
      if (layout && kind !== "list" && kind !== "csv") problem("layout", `is for lists and tables, not for ${kind}`);
    }
  });
export type SyncSettings = z.infer<typeof SyncSettings>;
