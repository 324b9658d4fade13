import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defenderRoutes } from "../../../local/defender/api/defender-api.ts";
import { createRouter } from "../../../local/defender/api/route.ts";
import { createThrottle, USUAL_LIMIT } from "../../../local/defender/api/throttle.ts";
import { defenderCalls } from "../../../shared/defender/calls.ts";
import { limitOf } from "../../../shared/defender/limits.ts";
import { callWith, collection, minutes, seconds, simulatedDefender } from "./simulated-defender.ts";

type Defender = Awaited<ReturnType<typeof simulatedDefender>>;
const statuses = async (calls: number, call: () => Promise<{ status: number }>) => {
  const seen: Record<number, number> = {};
  for (let made = 0; made < calls; made += 1) {
    const { status } = await call();
    seen[status] = (seen[status] ?? 0) + 1;
  }
  return seen;
};
const listAlerts =
  ({ call }: Defender) =>
  () =>
    call("GET", "/api/alerts");

describe("the limit of a call", () => {
  const find = createRouter(defenderRoutes.filter(({ service }) => service !== "graph"));
  const findInGraph = createRouter(defenderRoutes.filter(({ service }) => service === "graph"));

  // Two pages disagree about this one.
  const agreed = defenderCalls.filter(({ name }) => name !== "exports.informationGatheringFiles");

  test.each(agreed.map((call) => ({ ...call })))(
    "$name is the one its page states, as the client knows it",
    ({ service, method, path, group }) => {
      const findRoute = service === "graph" ? findInGraph : find;
      const found = findRoute(method, path.replace(/^\/(api|v1\.0)/, "").replaceAll(/\{\w+\}/g, "1"));

      expect(found?.route.limit ?? USUAL_LIMIT).toEqual(limitOf(group));
    },
  );
});

describe("throttling", () => {
  test("refuses the 101st call in a minute and says when to come back", async () => {
    await using defender = await simulatedDefender();
    expect(await statuses(100, listAlerts(defender))).toEqual({ 200: 100 });

    defender.clock.advance(seconds(20));
    const refused = await listAlerts(defender)();
    expect(refused).toMatchObject({ status: 429, body: { error: { code: "TooManyRequests" } } });
    expect(refused.headers.get("retry-after")).toBe("40");

    defender.clock.advance(seconds(40));
    expect((await listAlerts(defender)()).status).toBe(200);
  });

  test("refuses the 1,501st call in an hour", async () => {
    await using defender = await simulatedDefender();
    for (let minute = 0; minute < 15; minute += 1) {
      expect(await statuses(100, listAlerts(defender))).toEqual({ 200: 100 });
      defender.clock.advance(minutes(1));
    }
    const refused = await listAlerts(defender)();

    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, String(45 * 60)]);
  });

  test("looks back from every call: a burst at the end of one minute is counted in the next", async () => {
    await using defender = await simulatedDefender();
    await statuses(50, listAlerts(defender));
    defender.clock.advance(seconds(59));
    await statuses(50, listAlerts(defender));

    defender.clock.advance(seconds(1));
    expect(await statuses(100, listAlerts(defender))).toEqual({ 200: 50, 429: 50 });
    expect((await listAlerts(defender)()).headers.get("retry-after")).toBe("59");
  });

  test("does not count what it refuses, and lets a call through at the second it named", async () => {
    await using defender = await simulatedDefender({ settings: { limitScale: 0.01 } });
    await listAlerts(defender)();
    for (const [wait, named] of [
      [500, "60"],
      [seconds(30), "30"],
      [seconds(29), "1"],
    ] as const) {
      defender.clock.advance(wait);
      expect((await listAlerts(defender)()).headers.get("retry-after")).toBe(named);
    }

    defender.clock.advance(seconds(1));
    expect((await listAlerts(defender)()).status).toBe(200);
  });

  test("counts each kind of call and each app by itself", async () => {
    await using defender = await simulatedDefender();
    await statuses(101, listAlerts(defender));
    const other = callWith(defender.apiUrl, defender.issueToken({ clientId: "other" }));

    expect((await defender.call("GET", "/api/machineactions")).status).toBe(200);
    expect((await other("GET", "/api/alerts")).status).toBe(200);
  });

  test("allows two package links a minute", async () => {
    await using defender = await simulatedDefender();
    const { id } = await defender.control.addMachine();
    const { body } = await defender.call("POST", `/api/machines/${id}/collectInvestigationPackage`, collection);
    defender.clock.advance(900);

    expect(await statuses(3, () => defender.call("GET", `/api/machineactions/${body.id}/getPackageUri`))).toEqual({
      200: 2,
      429: 1,
    });
  });

  test("can be scaled and switched off while running", async () => {
    await using defender = await simulatedDefender({ settings: { limitScale: 0.02 } });
    expect(await statuses(5, listAlerts(defender))).toEqual({ 200: 2, 429: 3 });

    await defender.control.settings({ throttling: false });
    expect(await statuses(5, listAlerts(defender))).toEqual({ 200: 5 });
  });

  test("does not count calls without a valid token", async () => {
    await using defender = await simulatedDefender();
    const stranger = callWith(defender.apiUrl, "nonsense");

    expect(await statuses(150, () => stranger("GET", "/api/alerts"))).toEqual({ 401: 150 });
    expect((await listAlerts(defender)()).status).toBe(200);
  });
});

describe("however calls come", () => {
  const limit = { perMinute: 10, perHour: 100 };

  test("no window holds more than the limit, and no call is refused that would fit", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 400 }), (gaps) => {
        const throttle = createThrottle();
        const accepted: number[] = [];
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          const within = (ms: number) => accepted.filter((at) => at > now - ms).length;
          const fits = within(minutes(1)) < 10 && within(minutes(60)) < 100;
          const waitSeconds = throttle.take("key", limit, 1, now);
          expect(waitSeconds === 0).toBe(fits);
          if (fits) accepted.push(now);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test("a call at the time that was named is let through, and one a second earlier is not", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 12, maxLength: 200 }), (gaps) => {
        const throttle = createThrottle();
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          const waitSeconds = throttle.take("key", limit, 1, now);
          if (waitSeconds === 0) continue;
          if (waitSeconds > 1) expect(throttle.take("key", limit, 1, now + seconds(waitSeconds - 1))).toBe(1);
          now += seconds(waitSeconds);
          expect(throttle.take("key", limit, 1, now)).toBe(0);
        }
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});
