import { expect, test } from "vitest";
import { indicatorCalls } from "../../../shared/defender/indicators/calls.ts";
import { createIndicators } from "../../../shared/defender/indicators/client.ts";
import { NewIndicator, objectionTo } from "../../../shared/defender/indicators/indicator.ts";
import { eq } from "../../../shared/defender/odata/filter.ts";
import { allOf } from "../../../shared/defender/odata/list.ts";
import type { Send } from "../../../shared/defender/send.ts";
import { contractFor } from "../../helpers/contract.ts";
import { simulatedDefender } from "../../helpers/defender.ts";

contractFor(indicatorCalls);

const anIndicator = (changes: object = {}) =>
  NewIndicator.parse({
    indicatorValue: "bad.example",
    indicatorType: "DomainName",
    action: "Block",
    title: "Known bad",
    description: "From the feed",
    ...changes,
  });

test("creates an indicator, changes it when it is submitted again, and finds it", async () => {
  await using defender = await simulatedDefender();
  const { indicators } = defender.defender;

  const { id } = await indicators.submit(anIndicator());
  expect(await indicators.submit(anIndicator({ title: "Still bad" }))).toMatchObject({ id, title: "Still bad" });
  const filter = eq("indicatorValue", "bad.example");
  expect(await allOf(indicators.list({ filter }))).toMatchObject([{ id, action: "Block" }]);
});

test("imports many and says of each what became of it, in the order given", async () => {
  await using defender = await simulatedDefender();
  const results = await defender.defender.indicators.import([
    anIndicator(),
    anIndicator({ indicatorValue: "not a hash", indicatorType: "FileSha1" }),
    anIndicator({ indicatorValue: "192.0.2.1", indicatorType: "IpAddress" }),
  ]);

  expect(results.map(({ indicator, isFailed }) => [indicator, isFailed])).toEqual([
    ["bad.example", false],
    ["not a hash", true],
    ["192.0.2.1", false],
  ]);
  expect(results[1]?.failureReason).toBeTruthy();
  expect(await allOf(defender.defender.indicators.list())).toHaveLength(2);
});

test("counts no failure as accepted where several have one value, or differ by their letters only", async () => {
  const value = [
    { indicator: "https://x.example/a", isFailed: true, failureReason: "first" },
    { indicator: "https://x.example/A", isFailed: false },
    { indicator: "bad.example", isFailed: false },
    { indicator: "bad.example", isFailed: true, failureReason: "second" },
    { indicator: "other.example", isFailed: false },
  ];
  const indicators = createIndicators((async () => ({ value })) as unknown as Send);
  const given = ["https://x.example/A", "bad.example", "https://x.example/a", "bad.example", "OTHER.example"];

  const results = await indicators.import(given.map((indicatorValue) => anIndicator({ indicatorValue })));
  expect(results.map(({ isFailed }) => isFailed)).toEqual([false, false, true, true, false]);
});

test("takes no more than Defender does at once, before anything is sent", async () => {
  await using defender = await simulatedDefender();
  const many = Array.from({ length: 501 }, (_, number) => anIndicator({ indicatorValue: `bad${number}.example` }));

  await expect(defender.defender.indicators.import(many)).rejects.toThrow("500 indicators at once, not 501");
  expect(await defender.simulator.journal({ path: "/api/*" })).toEqual([]);
});

test("deletes an indicator, and says so when it is gone", async () => {
  await using defender = await simulatedDefender();
  const { indicators } = defender.defender;
  const { id } = await indicators.submit(anIndicator());

  await indicators.delete(id);
  expect(await allOf(indicators.list())).toEqual([]);
  await expect(indicators.delete(id)).rejects.toMatchObject({ name: "DefenderNotFoundError" });
});

test.each(["refuse", "deleteOthers"] as const)(
  "deletes those that are there when one is not and Defender would %s",
  async (indicatorBatchWithUnknownIds) => {
    await using defender = await simulatedDefender({ indicatorBatchWithUnknownIds });
    const { indicators } = defender.defender;
    const one = await indicators.submit(anIndicator());
    const two = await indicators.submit(anIndicator({ indicatorValue: "worse.example" }));

    await indicators.batchDelete([one.id, "4711", two.id]);
    expect(await allOf(indicators.list())).toEqual([]);
  },
);

test("deletes many in one call where all are there", async () => {
  await using defender = await simulatedDefender();
  const { id } = await defender.defender.indicators.submit(anIndicator());

  expect(await defender.defender.indicators.batchDelete([id])).toBe(1);
  expect(await defender.simulator.journal({ path: "/api/indicators*" })).toHaveLength(2);
});

test("knows beforehand what Defender would refuse, or have no use for", () => {
  expect(objectionTo(anIndicator())).toBeUndefined();
  expect(objectionTo(anIndicator({ action: "BlockAndRemediate" }))).toContain("takes Allowed, Audit, Warn, Block");
  expect(objectionTo(anIndicator({ action: "Audit" }))).toContain("generateAlert must be true");
  expect(objectionTo(anIndicator({ action: "Audit", generateAlert: true }))).toBeUndefined();
  expect(objectionTo(anIndicator({ action: "AlertAndBlock" }))).toContain("AlertAndBlock is not for DomainName");
});
