import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyOf, normalise } from "../../../shared/indicators/normalise.ts";
import { keyOfIndicator } from "../../../shared/indicators/ownership.ts";
import type { World } from "../../../shared/indicators/plan.ts";
import { planSync } from "../../../shared/indicators/plan-sync.ts";
import { readingOf, type Sighting } from "../../../shared/indicators/sighting.ts";
import { isRefusal } from "../../../shared/indicators/skip-reason.ts";
import { FeedSettings, SyncSettings } from "../../../shared/indicators/sync-settings.ts";
import { APP_ID, IndicatorTenant } from "../../helpers/indicator-tenant.ts";

const now = new Date("2026-03-02T10:00:00Z");
const hoursLater = (hours: number) => new Date(now.getTime() + hours * 3_600_000);

type Feed = Partial<typeof FeedSettings._input>;
const aFeed = (feed: Feed = {}): FeedSettings =>
  FeedSettings.parse({ name: "alpha", kind: "list", stage: "enforce", confidence: 80, holds: "everything", ...feed });

const settingsWith = (feeds: FeedSettings[], more: Partial<typeof SyncSettings._input> = {}): World["settings"] => ({
  ...SyncSettings.parse({ enabled: true, appId: APP_ID, ...more }),
  appId: APP_ID,
  feeds,
});

const seen = (rawValue: string, more: Partial<Sighting> = {}): Sighting => ({
  feed: "alpha",
  sourceId: rawValue,
  type: "Network",
  rawValue,
  ...more,
});

/** What a run knows, and plans and does in a tenant. */
function stage(tenant: IndicatorTenant, settings: World["settings"], sightings: Sighting[], more: Partial<World> = {}) {
  const readings = settings.feeds.map(({ name }) =>
    readingOf(
      name,
      sightings.filter(({ feed }) => feed === name),
    ),
  );
  const world = (changes: Partial<World> = {}): World => ({
    now,
    settings,
    warningLists: [],
    readings,
    indicators: [...tenant.indicators.values()],
    isListComplete: true,
    ledger: [...tenant.ledger.values()],
    ...more,
    ...changes,
  });
  return {
    world,
    plan: (changes: Partial<World> = {}) => planSync(world(changes)),
    run(changes: Partial<World> = {}) {
      const plan = planSync(world(changes));
      tenant.carryOut(plan, changes.now ?? more.now ?? now);
      return plan;
    },
  };
}

const values = (tenant: IndicatorTenant) =>
  [...tenant.indicators.values()].map(({ indicatorValue }) => indicatorValue).sort();

describe("what feeds list comes into the tenant", () => {
  test("and a second run has nothing to do", () => {
    const tenant = new IndicatorTenant();
    const { run } = stage(tenant, settingsWith([aFeed()]), [
      seen("evil.com"),
      seen("http://evil.com/x"),
      seen("5.6.7.8"),
    ]);
    expect(run().writes.map(({ why }) => why)).toEqual(["new", "new", "new"]);
    expect(values(tenant)).toEqual(["5.6.7.8", "evil.com", "http://evil.com/x"]);
    for (const later of [now, hoursLater(1), hoursLater(24)]) {
      expect(run({ now: later })).toMatchObject({ writes: [], deletes: [], heldBack: [] });
    }
  });

  test("a value of two feeds is one indicator, with the stronger action and both names", () => {
    const tenant = new IndicatorTenant();
    const feeds = [aFeed(), aFeed({ name: "beta", stage: "monitor" })];
    stage(tenant, settingsWith(feeds), [seen("evil.com"), seen("EVIL[.]com", { feed: "beta" })]).run();
    expect([...tenant.indicators.values()]).toMatchObject([{ title: "[feed] alpha, beta", action: "Block" }]);
  });

  test("a feed on probation never blocks", () => {
    const tenant = new IndicatorTenant();
    const sightings = [seen("evil.com", { confidence: 100, severity: "High" })];
    stage(tenant, settingsWith([aFeed({ stage: "monitor" })]), sightings).run();
    expect([...tenant.indicators.values()]).toMatchObject([{ action: "Audit", generateAlert: true }]);
  });

  test("of a legitimate site that was broken into only the bad path is blocked", () => {
    const tenant = new IndicatorTenant();
    const hacked = { isCompromised: true as const };
    const sightings = ["shop.com", "http://shop.com/", "http://shop.com/bad"].map((value) => seen(value, hacked));
    stage(tenant, settingsWith([aFeed()]), sightings).run();
    const actions = [...tenant.indicators.values()].map(({ indicatorValue, action }) => `${indicatorValue} ${action}`);
    expect(actions.sort()).toEqual(["http://shop.com Audit", "http://shop.com/bad Block", "shop.com Audit"]);
  });

  test("words of a feed under TLP AMBER are not shown, and what is RED is not sent at all", () => {
    const tenant = new IndicatorTenant();
    const { run } = stage(tenant, settingsWith([aFeed()]), [
      seen("evil.com", { tlp: "AMBER", malware: "OperationX" }),
      seen("worse.com", { tlp: "RED" }),
      seen("open.com", { tlp: "CLEAR", malware: "Known" }),
    ]);
    expect(run().report.skipped).toMatchObject([{ rawValue: "worse.com", reason: "tlp" }]);
    expect(JSON.stringify(tenant.state())).not.toContain("OperationX");
    expect(JSON.stringify(tenant.state())).toContain("[feed] alpha: Known");
  });
});

describe("what feeds take back goes", () => {
  test("from a complete feed of everything after two passes, from an incomplete one never", () => {
    const tenant = new IndicatorTenant();
    const settings = settingsWith([aFeed()]);
    stage(tenant, settings, [seen("evil.com"), seen("gone.com")]).run();
    const later = stage(tenant, settings, [seen("evil.com")]);
    const incomplete = [{ ...readingOf("alpha", [seen("evil.com")]), incomplete: "cut short" }];
    for (let run = 0; run < 5; run += 1) expect(later.run({ readings: incomplete }).deletes).toEqual([]);
    expect(later.run().deletes).toEqual([]);
    expect(later.run().deletes).toMatchObject([{ key: "DomainName|gone.com" }]);
    expect(values(tenant)).toEqual(["evil.com"]);
  });

  test("from a feed of recent values only by its end", () => {
    const tenant = new IndicatorTenant();
    const settings = settingsWith([aFeed({ holds: "recent" })]);
    stage(tenant, settings, [seen("evil.com")]).run();
    const later = stage(tenant, settings, []);
    for (let run = 0; run < 5; run += 1) expect(later.run().deletes).toEqual([]);
    expect(values(tenant)).toEqual(["evil.com"]);
  });

  test("at once when the feed says so, or the allow-list does", () => {
    const tenant = new IndicatorTenant();
    stage(tenant, settingsWith([aFeed()]), [seen("evil.com"), seen("our.org")]).run();
    const allow = [{ value: "sub.our.org", owner: "net team", reason: "ours" }];
    const later = stage(tenant, settingsWith([aFeed()], { allow }), [
      seen("evil.com", { revoked: true }),
      seen("our.org"),
    ]);
    expect(
      later
        .run()
        .deletes.map(({ why }) => why)
        .sort(),
    ).toEqual(["allow-listed", "revoked"]);
    expect(values(tenant)).toEqual([]);
  });

  test("but more than the brake allows only once a person lets it pass", () => {
    const tenant = new IndicatorTenant();
    const many = Array.from({ length: 300 }, (_, at) => seen(`evil-${at}.com`));
    stage(tenant, settingsWith([aFeed()]), many).run();
    const later = stage(tenant, settingsWith([]), []);
    expect(later.run()).toMatchObject({ deletes: [], heldBack: { length: 300 } });
    expect(later.run({ letRemovalsPass: true })).toMatchObject({ deletes: { length: 300 }, heldBack: [] });
    expect(tenant.indicators.size + tenant.ledger.size).toBe(0);
  });

  test("a feed that shrinks by more than half takes nothing back", () => {
    const tenant = new IndicatorTenant();
    const many = Array.from({ length: 30 }, (_, at) => seen(`evil-${at}.com`));
    stage(tenant, settingsWith([aFeed()]), many).run();
    const later = stage(tenant, settingsWith([aFeed({ missingRuns: 1 })]), [seen("evil-1.com")]);
    const plan = later.run();
    expect(plan).toMatchObject({
      deletes: [],
      report: { incomplete: { alpha: "it shrank from 30 values in use to 1" } },
    });
  });
});

describe("what others did is respected", () => {
  test("a value that somebody else has is neither overwritten nor deleted", () => {
    const tenant = new IndicatorTenant();
    tenant.addForeign({ indicatorType: "DomainName", indicatorValue: "Evil.com", action: "Allowed" });
    const { run } = stage(tenant, settingsWith([aFeed()]), [seen("evil.com")]);
    expect(run()).toMatchObject({
      writes: [],
      deletes: [],
      report: { skipped: [{ reason: "exists-foreign", detail: "Allowed" }] },
    });
  });

  test("what a person changed is given up, what a person deleted is not made again for 90 days", () => {
    const tenant = new IndicatorTenant();
    const { run } = stage(tenant, settingsWith([aFeed()]), [seen("evil.com"), seen("fine.com")]);
    run();
    const [evil, fine] = [...tenant.indicators.values()];
    tenant.indicators.set(evil?.id ?? "", {
      ...evil,
      id: evil?.id ?? "",
      action: "Audit",
      lastUpdatedBy: "ana@contoso.com",
    });
    tenant.indicators.delete(fine?.id ?? "");
    expect(run()).toMatchObject({ writes: [], deletes: [] });
    expect(run()).toMatchObject({ writes: [], deletes: [] });
    expect([...tenant.ledger.values()].map(({ state }) => state)).toEqual(["taken-over", "deleted-by-others"]);
    const after = hoursLater(91 * 24);
    expect(run({ now: after }).writes).toMatchObject([{ key: "DomainName|fine.com", why: "new" }]);
  });

  test("an indicator of our app that the ledger does not know is foreign", () => {
    const tenant = new IndicatorTenant();
    const { run } = stage(tenant, settingsWith([aFeed()]), [seen("evil.com")]);
    run();
    tenant.ledger.clear();
    expect(run()).toMatchObject({ writes: [], deletes: [] });
  });
});

test("a listing that is cut short stops the run", () => {
  const tenant = new IndicatorTenant();
  const many = Array.from({ length: 100 }, (_, at) => seen(`evil-${at}.com`));
  const { run, plan } = stage(tenant, settingsWith([aFeed()]), many);
  run();
  expect(plan({ isListComplete: false })).toMatchObject({
    stopped: [expect.stringContaining("end")],
    rows: [],
    writes: [],
  });
  const half = [...tenant.indicators.values()].slice(0, 50);
  expect(plan({ indicators: half })).toMatchObject({
    stopped: [expect.stringContaining("50 of the 100")],
    rows: [],
    over: [],
  });
});

test("another action is written as a new indicator, after the old one is gone", () => {
  const tenant = new IndicatorTenant();
  stage(tenant, settingsWith([aFeed({ stage: "monitor" })]), [seen("evil.com")]).run();
  const plan = stage(tenant, settingsWith([aFeed()]), [seen("evil.com")]).run();
  expect(plan).toMatchObject({ deletes: [{ why: "replaced" }], writes: [{ why: "replaced" }] });
  expect([...tenant.indicators.values()]).toMatchObject([{ action: "Block" }]);
});

test("an indicator is renewed once half its life is over and the feed still sees it", () => {
  const tenant = new IndicatorTenant();
  const { run } = stage(tenant, settingsWith([aFeed()]), [seen("5.6.7.8")]);
  run();
  expect(run({ now: hoursLater(6 * 24) }).writes).toEqual([]);
  expect(run({ now: hoursLater(8 * 24) }).writes).toMatchObject([{ why: "renewed" }]);
});

test("what Defender refuses waits longer each time and keeps up nobody", () => {
  const tenant = new IndicatorTenant();
  const { plan } = stage(tenant, settingsWith([aFeed()]), [seen("evil.com"), seen("other.com")]);
  const fails = (key: string) => key.endsWith("evil.com");
  tenant.carryOut(plan(), now, Number.POSITIVE_INFINITY, fails);
  expect(values(tenant)).toEqual(["other.com"]);
  expect(plan({ now: hoursLater(0.5) })).toMatchObject({ writes: [], report: { skipped: [{ reason: "waiting" }] } });
  const again = plan({ now: hoursLater(1) });
  expect(again.writes).toMatchObject([{ key: "DomainName|evil.com" }]);
  tenant.carryOut(again, hoursLater(1), Number.POSITIVE_INFINITY, fails);
  expect(plan({ now: hoursLater(6) }).writes).toEqual([]);
  expect(plan({ now: hoursLater(7) }).writes).toMatchObject([{ key: "DomainName|evil.com" }]);
});

const FORBIDDEN = [
  "10.1.2.3",
  "192.168.7.7",
  "127.0.0.1",
  "0.0.0.0",
  "169.254.169.254",
  "100.64.3.2",
  "224.0.0.5",
  "198.51.100.9",
  "255.255.255.255",
  "168.63.129.16",
  "8.8.8.8",
  "::1",
  "fe80::1",
  "fd00::5",
  "2001:db8::7",
  "::ffff:10.0.0.1",
  "64:ff9b::1",
  "localhost",
  "printer.local",
  "example.com",
  "www.example.org",
  "com",
  "co.uk",
  "github.io",
  "blob.core.windows.net",
  "login.microsoftonline.com",
  "microsoft.com",
  "windowsupdate.com",
  "google.com",
  "core.windows.net",
  "ours.org",
  "vpn.ours.org",
  "parent.net",
  "http://10.0.0.1/x",
  "https://login.microsoftonline.com/x",
  "http://ours.org/y",
  "https://www.google.com/",
  "http://0x7f.1/",
  "9.9.8.7",
  "hand-made.com",
  "listed.com",
] as const;

const goodValue = fc.oneof(
  fc.integer({ min: 0, max: 25 }).map((n) => `bad-${n}.com`),
  fc.integer({ min: 1, max: 25 }).map((n) => `45.66.7.${n}`),
  fc.integer({ min: 0, max: 25 }).map((n) => `http://site-${n}.net/p`),
);
const aSighting = fc.record(
  {
    feed: fc.constantFrom("alpha", "beta", "gamma"),
    sourceId: fc.constant("x"),
    type: fc.constantFrom("Network", "IpAddress", "DomainName", "Url"),
    rawValue: fc.oneof({ weight: 3, arbitrary: goodValue }, { weight: 1, arbitrary: fc.constantFrom(...FORBIDDEN) }),
    confidence: fc.integer({ min: 0, max: 100 }),
    severity: fc.constantFrom("Low", "Medium", "High"),
    lastSeen: fc.integer({ min: 0, max: 40 * 24 }).map((hours) => hoursLater(-hours).toISOString()),
    tlp: fc.constantFrom("CLEAR", "AMBER", "RED"),
    revoked: fc.constant(true),
    widened: fc.constant(true),
  },
  { requiredKeys: ["feed", "sourceId", "type", "rawValue"] },
) as fc.Arbitrary<Sighting>;

const aWorld = fc.record({
  first: fc.array(aSighting, { maxLength: 60 }),
  later: fc.array(aSighting, { maxLength: 60 }),
  capacity: fc.integer({ min: 3, max: 60 }),
  share: fc.integer({ min: 10, max: 100 }),
  floor: fc.integer({ min: 0, max: 10 }),
  steps: fc.integer({ min: 0, max: 40 }),
  stages: fc.array(fc.constantFrom("monitor" as const, "enforce" as const), { minLength: 3, maxLength: 3 }),
  pass: fc.boolean(),
});

function settingsOf({
  capacity,
  share,
  floor,
  stages,
}: {
  capacity: number;
  share: number;
  floor: number;
  stages: ("monitor" | "enforce")[];
}) {
  const feeds = [
    aFeed({ stage: stages[0], sharePercent: share }),
    aFeed({ name: "beta", stage: stages[1], holds: "recent" }),
    aFeed({ name: "gamma", stage: stages[2], missingRuns: 1 }),
  ];
  return settingsWith(feeds, {
    capacity,
    reserve: 1,
    floors: { IpAddress: floor, Url: 2 },
    removals: { always: 5, percent: 10 },
    allow: [
      { value: "ours.org", owner: "net team", reason: "ours" },
      { value: "mail.parent.net", owner: "net team", reason: "mail" },
      { value: "9.9.8.0/24", owner: "net team", reason: "egress" },
    ],
  });
}

const lists = [
  { list: { name: "known good", type: "hostname" as const, list: ["listed.com"] }, subdomains: true, urls: true },
];

function tenantWithOthers() {
  const tenant = new IndicatorTenant();
  tenant.addForeign({ indicatorType: "DomainName", indicatorValue: "hand-made.com" });
  return tenant;
}

describe("whatever feeds contain", () => {
  test("nothing private, reserved, allow-listed or foreign is ever planned, and there is room for all of it", () => {
    fc.assert(
      fc.property(aWorld, (given) => {
        const tenant = tenantWithOthers();
        const settings = settingsOf(given);
        for (const sightings of [given.first, given.later]) {
          const { plan } = stage(tenant, settings, sightings, { warningLists: lists, letRemovalsPass: given.pass });
          const planned = plan();
          const foreign = [...tenant.indicators.values()].filter(({ createdBy }) => createdBy !== APP_ID);
          const taken = new Set([...FORBIDDEN, ...foreign.map(({ indicatorValue }) => indicatorValue)] as string[]);
          expect(planned.writes.filter(({ indicator }) => taken.has(indicator.indicatorValue))).toEqual([]);
          expect(planned.deletes.filter(({ id }) => foreign.some((one) => one.id === id))).toEqual([]);
          tenant.carryOut(planned, now);
          expect(tenant.indicators.size).toBeLessThanOrEqual(settings.capacity - settings.reserve);
          expect(
            [...tenant.indicators.values()].filter(
              ({ createdBy, indicatorValue }) => createdBy === APP_ID && taken.has(indicatorValue ?? ""),
            ),
          ).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("the same world again plans nothing, once all removals were let pass", () => {
    fc.assert(
      fc.property(aWorld, (given) => {
        const tenant = tenantWithOthers();
        const settings = settingsOf(given);
        stage(tenant, settings, given.first, { letRemovalsPass: true }).run();
        const { run } = stage(tenant, settings, given.later, { letRemovalsPass: true });
        // A value that is missing in a complete pass goes after the second.
        for (let passes = 0; passes < 3; passes += 1) run();
        expect(run()).toMatchObject({ writes: [], deletes: [], heldBack: [], rows: [], over: [] });
      }),
      { numRuns: 300 },
    );
  });

  test("a plan carried out in part, and made again, leads to the same end", () => {
    fc.assert(
      fc.property(aWorld, (given) => {
        const settings = settingsOf(given);
        const ends = [Number.POSITIVE_INFINITY, given.steps].map((steps) => {
          const tenant = tenantWithOthers();
          stage(tenant, settings, given.first, { letRemovalsPass: true }).run();
          const { plan, run } = stage(tenant, settings, given.later, { letRemovalsPass: true });
          tenant.carryOut(plan(), now, steps);
          for (let passes = 0; passes < 4; passes += 1) run();
          return tenant.state();
        });
        expect(ends[1]).toEqual(ends[0]);
      }),
      { numRuns: 300 },
    );
  });

  test("feeds that were not read to their end delete nothing that they alone do not withdraw", () => {
    fc.assert(
      fc.property(aWorld, (given) => {
        const tenant = tenantWithOthers();
        const settings = { ...settingsOf(given), capacity: 1_000, floors: {} };
        settings.feeds = settings.feeds.map((feed) => ({ ...feed, sharePercent: 100 }));
        stage(tenant, settings, given.first).run();
        const readings = settings.feeds.map(({ name }) => ({ ...readingOf(name, []), incomplete: "cut short" }));
        for (let passes = 0; passes < 3; passes += 1) {
          expect(stage(tenant, settings, []).run({ readings })).toMatchObject({ deletes: [], writes: [] });
        }
      }),
      { numRuns: 200 },
    );
  });

  test("every value of a feed is a candidate or has a reason", () => {
    fc.assert(
      fc.property(aWorld, ({ first, ...given }) => {
        const tenant = tenantWithOthers();
        const { writes, report } = stage(tenant, settingsOf({ ...given }), first, { letRemovalsPass: true }).plan();
        const planned = new Set(writes.map(({ key }) => key));
        const skipped = new Set(report.skipped.flatMap(({ sourceId, rawValue }) => [sourceId, rawValue]));
        for (const { type, rawValue } of first) {
          const observable = normalise(type, rawValue);
          const isAccountedFor = isRefusal(observable)
            ? skipped.has(rawValue)
            : planned.has(keyOf(observable)) || skipped.has(keyOf(observable));
          expect(isAccountedFor, `${type} ${rawValue}`).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });
});

test("addresses that Defender spells otherwise are known again", () => {
  expect(keyOfIndicator({ id: "1", indicatorType: "IpAddress", indicatorValue: "2A02:CF40:1::5" })).toBe(
    "IpAddress|2a02:cf40:1:0:0:0:0:5",
  );
});
