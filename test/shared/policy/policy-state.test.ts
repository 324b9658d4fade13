import { TableClient } from "@azure/data-tables";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import { rowsInMemory } from "../../../local/rows-in-memory.ts";
import { closed, opened } from "../../../shared/policy/circuit-breaker.ts";
import type { Usage, Verdict } from "../../../shared/policy/judge.ts";
import { turnedOff, turnedOn } from "../../../shared/policy/kill-switch.ts";
import type { PolicyState } from "../../../shared/policy/policy-state.ts";
import { createTablePolicyState } from "../../../shared/policy/table-policy-state.ts";
import { createLazyTable } from "../../../shared/storage/lazy-table.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const MINUTE = 60_000;
const START = Date.parse("2026-01-05T09:59:30Z");

/** Instances of the app that share one table, and a clock. */
function instances(kind: string, name: string) {
  const memory = rowsInMemory();
  const table = () =>
    kind === "in memory"
      ? memory
      : createLazyTable(
          TableClient.fromConnectionString(azurite.connectionString, name, { allowInsecureConnection: true }),
        );
  let now = START;
  return {
    start: (tenantId = "t-1"): PolicyState => createTablePolicyState(table(), tenantId, () => now),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

const machineIdOf = (index: number): string => index.toString(16).padStart(40, "0");
const placeOf = (index: number, runId = "run-1", deviceGroup?: string) => ({
  machineId: machineIdOf(index),
  runId,
  deviceGroup,
});

const upTo =
  (most: number, count: (usage: Usage) => number = ({ tenant }) => tenant) =>
  ({ usage }: { usage: Usage }): Verdict =>
    usage.isCounted || count(usage) < most
      ? { verdict: "allow", code: "Allowed", reason: "" }
      : { verdict: "deny", code: "CapReached", reason: "" };

describe.each(["in table storage", "in memory"])("%s", (kind) => {
  const named = (name: string) => instances(kind, name);

  test("no more machines are contained than the cap has places, however many instances ask at once", async () => {
    const { start } = named("caps");
    const [one, other, third] = [start(), start(), start()];
    const asking = Array.from({ length: 150 }, (_, index) => {
      const state = [one, other, third][index % 3] as PolicyState;
      return state.takePlace(placeOf(index), upTo(70));
    });

    const taken = await Promise.all(asking);
    expect(taken.filter(({ verdict }) => verdict.verdict === "allow")).toHaveLength(70);
    expect((await one.takePlace(placeOf(999), upTo(70))).verdict.code).toBe("CapReached");
  });

  test("the last place goes to one of two instances", async () => {
    const { start } = named("lastplace");
    const [one, other] = [start(), start()];
    for (let round = 0; round < 10; round++) {
      const cap = upTo(round + 1);
      const both = await Promise.all([
        one.takePlace(placeOf(2 * round), cap),
        other.takePlace(placeOf(2 * round + 1), cap),
      ]);
      expect(both.map(({ verdict }) => verdict.verdict).sort()).toEqual(["allow", "deny"]);
    }
  });

  test("a machine counts once an hour, whoever contains it again", async () => {
    const { start } = named("once");
    const [one, other] = [start(), start()];

    const all = await Promise.all([
      one.takePlace(placeOf(1, "run-1"), upTo(2)),
      one.takePlace(placeOf(1, "run-1"), upTo(2)),
      other.takePlace(placeOf(1, "run-2"), upTo(2)),
    ]);
    expect(all.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect((await other.takePlace(placeOf(2), upTo(2))).verdict.verdict).toBe("allow");
    expect((await one.takePlace(placeOf(3), upTo(2))).verdict.verdict).toBe("deny");
  });

  test("places are free again after an hour, and not before", async () => {
    const { start, pass } = named("hour");
    const state = start();
    const next = async (index: number) => (await state.takePlace(placeOf(index), upTo(1))).verdict.verdict;

    expect(await next(1)).toBe("allow");
    pass(60 * MINUTE - 1);
    expect(await next(2)).toBe("deny");
    pass(2 * MINUTE);
    expect(await next(2)).toBe("allow");
    expect(await next(1)).toBe("deny");
  });

  test("device groups have places of their own, by their name in any case", async () => {
    const { start } = named("groups");
    const state = start();
    const cap = upTo(1, ({ deviceGroup }) => deviceGroup);
    const inGroup = async (index: number, group?: string) =>
      (await state.takePlace(placeOf(index, "run-1", group), cap)).verdict.verdict;

    expect(await inGroup(1, "Plant / 1 #?")).toBe("allow");
    expect(await inGroup(2, "plant / 1 #?")).toBe("deny");
    expect(await inGroup(2, "Office")).toBe("allow");
    expect(await inGroup(3)).toBe("allow");
  });

  test("a place that is given back is free, unless another run holds it", async () => {
    const { start } = named("givenback");
    const state = start();
    await state.takePlace(placeOf(1, "run-1", "Office"), upTo(1));

    await state.giveBackPlace(placeOf(1, "run-2", "Office"));
    expect((await state.takePlace(placeOf(2), upTo(1))).verdict.verdict).toBe("deny");

    await state.giveBackPlace(placeOf(1, "run-1", "Office"));
    await state.giveBackPlace(placeOf(1, "run-1", "Office"));
    const office = await state.takePlace(
      placeOf(2, "run-1", "Office"),
      upTo(1, ({ deviceGroup }) => deviceGroup),
    );
    expect(office.verdict.verdict).toBe("allow");
    expect((await state.takePlace(placeOf(3), upTo(1))).verdict.verdict).toBe("deny");
  });

  test("what is refused takes no place", async () => {
    const { start } = named("refused");
    const state = start();
    await state.takePlace(placeOf(1), () => ({ verdict: "deny", code: "PolicyDenied", reason: "" }));
    await state.takePlace(placeOf(2), () => ({ verdict: "shadow", code: "Allowed", reason: "" }));

    expect((await state.takePlace(placeOf(3), upTo(1))).verdict.verdict).toBe("allow");
  });

  test("the kill switch is seen by every instance at once, and keeps the first of two who turn it on", async () => {
    const { start, pass } = named("killswitch");
    const [one, other] = [start(), start()];
    const turnOn = (state: PolicyState, by: string) =>
      state.changeKillSwitch((now, at) => turnedOn(now, { by, reason: "drill", at }, `cancel-${by}`));

    const both = await Promise.all([turnOn(one, "ada"), turnOn(other, "bob")]);
    expect(new Set(both.map(({ cancelRunId }) => cancelRunId)).size).toBe(1);

    pass(MINUTE);
    await turnOn(one, "cleo");
    const { killSwitch } = await other.read();
    expect(killSwitch).toMatchObject({ isOn: true, since: new Date(START).toISOString(), by: "cleo" });
    expect(killSwitch.cancelRunId).toBe(both[0]?.cancelRunId);

    await other.changeKillSwitch((now, at) => turnedOff(now, { by: "ada", reason: "over", at }));
    expect((await one.read()).killSwitch).toMatchObject({ isOn: false, by: "ada", reason: "over" });
    expect((await start("t-2").read()).killSwitch.isOn).toBe(false);
  });

  test("the breaker that one instance opens another can close, and both are told of it with each place", async () => {
    const { start } = named("breaker");
    const [one, other] = [start(), start()];
    await one.changeBreaker((breaker, at) => opened(breaker, at, "drill"));
    expect((await other.takePlace(placeOf(1), upTo(1))).breaker).toMatchObject({ isOpen: true, reason: "drill" });

    await other.changeBreaker((breaker, at) => closed(breaker, { at, by: "ada", reason: "over" }));
    expect((await one.read()).breaker).toMatchObject({ isOpen: false, by: "ada", failures: [] });
  });
});
