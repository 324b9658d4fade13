/** How long it takes, and how much memory, to plan from 100,000 values of five feeds. */
import { claimsOf } from "../shared/indicators/claim.ts";
import type { World } from "../shared/indicators/plan.ts";
import { planSync } from "../shared/indicators/plan-sync.ts";
import { readingOf, type Sighting } from "../shared/indicators/sighting.ts";
import { FeedSettings, SyncSettings } from "../shared/indicators/sync-settings.ts";
import { seededRandom } from "../test/helpers/random.ts";

const FEEDS = ["alpha", "beta", "gamma", "delta", "epsilon"];
const VALUES_PER_FEED = 20_000;
const MOST_SECONDS = 60;
const MOST_MEGABYTES = 512;

const now = new Date("2026-03-02T10:00:00Z");
const random = seededRandom(42);
const whole = (below: number) => Math.floor(random() * below);
const hex = (digits: number) => Array.from({ length: digits }, () => whole(16).toString(16)).join("");

function value(): Pick<Sighting, "type" | "rawValue"> {
  switch (whole(5)) {
    case 0:
      return { type: "IpAddress", rawValue: `${whole(256)}.${whole(256)}.${whole(8)}[.]${whole(256)}` };
    case 1:
      return { type: "DomainName", rawValue: `host-${whole(30_000)}.evil-${whole(50)}.com` };
    case 2:
      return { type: "Url", rawValue: `hxxp://site-${whole(5_000)}.net/${hex(6)}?q=${whole(9)}` };
    case 3:
      return { type: "FileSha1", rawValue: hex(40).toUpperCase() };
    default:
      return { type: "FileSha256", rawValue: hex(64) };
  }
}

let peak = 0;
const look = () => {
  peak = Math.max(peak, process.memoryUsage().rss);
};

const readings = FEEDS.map((feed) =>
  readingOf(
    feed,
    Array.from({ length: VALUES_PER_FEED }, (_, at) => ({
      feed,
      sourceId: `${feed}-${at}`,
      ...value(),
      confidence: whole(101),
      lastSeen: new Date(now.getTime() - whole(60 * 24) * 3_600_000).toISOString(),
    })),
  ),
);
look();

const settings: World["settings"] = {
  ...SyncSettings.parse({
    enabled: true,
    appId: "0f0f0f0f-1111-4222-8333-444444444444",
    floors: { IpAddress: 1_000, DomainName: 1_000 },
    allow: [{ value: "evil-1.com", owner: "bench", reason: "an entry" }],
    feeds: FEEDS.map((name) =>
      FeedSettings.parse({ name, kind: "list", url: "https://feeds.example/list", stage: "enforce", sharePercent: 30 }),
    ),
  }),
  appId: "0f0f0f0f-1111-4222-8333-444444444444",
};
const world: World = { now, settings, warningLists: [], readings, indicators: [], isListComplete: true, ledger: [] };

function timed<T>(name: string, work: () => T): { result: T; seconds: number } {
  const start = performance.now();
  const result = work();
  const seconds = (performance.now() - start) / 1000;
  look();
  console.log(`${name}: ${seconds.toFixed(2)} s`);
  return { result, seconds };
}

const { result: claims } = timed("values brought into one form", () => claimsOf(readings, now).claimed.size);
const first = timed("plan for an empty tenant", () => planSync(world));
const ledger = first.result.rows.map((row, at) => ({ ...row, state: "active" as const, id: String(at) }));
const indicators = ledger.map(({ id, written }) => ({
  ...written,
  id,
  createdBy: settings.appId,
  sourceType: "AadApp",
}));
const second = timed("plan for a tenant that has it all", () => planSync({ ...world, indicators, ledger }));

const megabytes = Math.round(peak / 1024 / 1024);
const { writes, report } = first.result;
console.log(
  `${FEEDS.length * VALUES_PER_FEED} values, ${claims} different, ${report.candidates} candidates, ${writes.length} to write, ` +
    `then ${second.result.writes.length + second.result.deletes.length}; peak ${megabytes} MB`,
);
if (Math.max(first.seconds, second.seconds) > MOST_SECONDS || megabytes > MOST_MEGABYTES) process.exitCode = 1;
