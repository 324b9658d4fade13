import fc from "fast-check";
import { expect, test } from "vitest";
import { deleteBatch, noteIntents, writeBatch } from "../../../shared/indicators/apply-plan.ts";
import type { IndicatorLedger, LedgerRow } from "../../../shared/indicators/ledger.ts";
import { batchesOf, type World } from "../../../shared/indicators/plan.ts";
import { planSync } from "../../../shared/indicators/plan-sync.ts";
import { readingOf, type Sighting } from "../../../shared/indicators/sighting.ts";
import { FeedSettings, SyncSettings } from "../../../shared/indicators/sync-settings.ts";
import { APP_ID, IndicatorTenant } from "../../helpers/indicator-tenant.ts";

const now = new Date("2026-03-02T10:00:00Z");

/** The process ends here. */
class Killed extends Error {}

/** Lets so many calls happen, outside and in storage; the last one is carried out, and its answer is lost. */
function killedAfter(calls: number, tenant: IndicatorTenant, refused: (value: string) => boolean = () => false) {
  let left = calls;
  const call = async <T>(carryOut: () => T): Promise<T> => {
    if (left <= 0) throw new Killed();
    const answer = carryOut();
    left -= 1;
    if (left === 0) throw new Killed();
    return answer;
  };
  const ledger: IndicatorLedger = {
    all: async () => [...tenant.ledger.values()],
    put: (rows) => call(() => rows.forEach((row) => void tenant.ledger.set(row.key, row))),
    remove: (keys) => call(() => keys.forEach((key) => void tenant.ledger.delete(key))),
  };
  const indicators = {
    batchDelete: (ids: readonly string[]) => call(() => ids.forEach((id) => void tenant.indicators.delete(id))),
    import: (wanted: Parameters<IndicatorTenant["import"]>[0][]) =>
      call(() =>
        wanted.map((one) => {
          const isFailed = refused(one.indicatorValue);
          return { id: isFailed ? null : tenant.import(one), indicator: one.indicatorValue, isFailed };
        }),
      ),
  };
  return { ledger, indicators, now };
}

type Reached = ReturnType<typeof killedAfter>;

const feed = FeedSettings.parse({
  ...{ name: "alpha", kind: "list", stage: "enforce", confidence: 80, holds: "everything" },
  missingRuns: 1,
});
const settings: World["settings"] = { ...SyncSettings.parse({ appId: APP_ID }), appId: APP_ID, feeds: [feed] };

const readingOfValues = (values: readonly string[]) =>
  readingOf(
    "alpha",
    values.map((rawValue): Sighting => ({ feed: "alpha", sourceId: rawValue, type: "Network", rawValue })),
  );

/** One run, in batches so small that there are many. */
async function run(tenant: IndicatorTenant, values: readonly string[], reached: Reached) {
  const plan = planSync({
    ...{ now, settings, warningLists: [], readings: [readingOfValues(values)] },
    ...{ indicators: [...tenant.indicators.values()], isListComplete: true, ledger: [...tenant.ledger.values()] },
    letRemovalsPass: true,
  });
  await noteIntents(plan, reached.ledger);
  const batches = batchesOf(plan, 2);
  for (const batch of batches.deletes) await deleteBatch(batch, reached);
  const rows = new Map(plan.rows.map((row): [string, LedgerRow] => [row.key, row]));
  const failed = [];
  for (const batch of batches.writes) failed.push(...(await writeBatch(batch, rows, reached)).failed);
  return { plan, failed };
}

const aValue = fc.integer({ min: 0, max: 12 }).map((at) => `evil-${at}.com`);
const someValues = fc.uniqueArray(aValue, { maxLength: 9 });

test("killed between any two calls and started again, a run leads to the same end", async () => {
  await fc.assert(
    fc.asyncProperty(someValues, someValues, fc.integer({ min: 1, max: 20 }), async (first, later, calls) => {
      const ends = [];
      for (const limit of [Number.POSITIVE_INFINITY, calls]) {
        const tenant = new IndicatorTenant();
        const endless = killedAfter(Number.POSITIVE_INFINITY, tenant);
        await run(tenant, first, endless);
        await run(tenant, later, killedAfter(limit, tenant)).catch((error) => {
          if (!(error instanceof Killed)) throw error;
        });
        await run(tenant, later, endless);
        const { plan } = await run(tenant, later, endless);
        expect([plan.rows, plan.over, plan.deletes, plan.writes]).toEqual([[], [], [], []]);
        ends.push(tenant.state());
      }
      expect(ends[1]).toEqual(ends[0]);
    }),
    { numRuns: 300 },
  );
});

test("what Defender refuses is said and waits, and the rest of its batch is there", async () => {
  const tenant = new IndicatorTenant();
  const values = ["evil-1.com", "evil-2.com", "evil-3.com"];
  const reached = killedAfter(Number.POSITIVE_INFINITY, tenant, (value) => value === "evil-2.com");
  const { failed } = await run(tenant, values, reached);
  expect(failed).toEqual([{ key: "DomainName|evil-2.com", reason: "no reason given" }]);
  expect([...tenant.indicators.values()].map(({ indicatorValue }) => indicatorValue).sort()).toEqual([
    "evil-1.com",
    "evil-3.com",
  ]);
  expect((await run(tenant, values, reached)).plan.writes).toEqual([]);
});
