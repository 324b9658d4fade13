import { describe, expect, test } from "vitest";
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
