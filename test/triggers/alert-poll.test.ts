import { afterEach, beforeEach, expect, test } from "vitest";
import { pollAlerts } from "../../functions/playbooks/poll-alerts.ts";
import { replayAlerts } from "../../functions/playbooks/replay-alerts.ts";
import { startPoll } from "../../functions/triggers/alert-poll.ts";
import { startVirtualApp, type VirtualApp } from "../../local/virtual-app.ts";
import type { ReadAlerts, TakeInOptions } from "../../shared/intake/take-in.ts";

const MINUTE = 60_000;
const SETTING = { overlapMinutes: 10, maxAgeMs: 86_400_000 };

let app: VirtualApp;
let mark: number | undefined;
let takenIn: (ReadAlerts & { options: TakeInOptions | undefined })[];
let isDown: boolean;

const pollMark = {
  read: async () => mark,
  move: async (to: number) => {
    mark = to;
  },
};

beforeEach(async () => {
  mark = undefined;
  takenIn = [];
  isDown = false;
  app = await startVirtualApp([pollAlerts, replayAlerts], {
    services: {
      pollMark,
      tenantId: "home",
      takeInWith: () => async (read, options) => {
        if (isDown) throw new Error("storage is down");
        takenIn.push({ ...read, options });
        return { started: read.alerts.length, joined: 0, duplicates: 0 };
      },
    },
  });
});
afterEach(() => app[Symbol.asyncDispose]());

const now = () => app.clock.now().getTime();
const iso = (ms: number) => new Date(ms).toISOString();
const alertId = (number: number) => `da${String(number).padStart(6, "0")}_1`;
const ids = () => takenIn.splice(0).flatMap(({ alerts }) => alerts.map(({ alertId }) => alertId as string));

/** An alert that was created and last updated some minutes ago. */
const anAlert = (number: number, minutesAgo: number) => {
  const at = iso(now() - minutesAgo * MINUTE);
  return { id: alertId(number), alertCreationTime: at, lastUpdateTime: at };
};

/** Polls as the timer does, and lets time pass until the poll is over. */
async function poll() {
  await startPoll(app.client, { pollMark, tenantId: "home" }, SETTING, now());
  return ended("poll-alerts:home");
}

async function ended(instanceId: string) {
  const look = () => app.client.getStatus(instanceId);
  await app.passTime(async () => !["Pending", "Running"].includes((await look()).runtimeStatus), 60 * MINUTE);
  return look();
}

test("takes in what was updated since the last poll, and the first time a day of it", async () => {
  await app.simulator.addAlerts([anAlert(1, 3 * 24 * 60), anAlert(2, 60)]);
  await poll();
  expect(ids()).toEqual([alertId(2)]);

  app.clock.advance(5 * MINUTE);
  await app.simulator.addAlerts([anAlert(3, 1)]);
  await poll();
  expect(ids()).toEqual([alertId(3)]);
});

test("finds an alert that becomes visible late, within the overlap", async () => {
  await app.simulator.addAlerts([anAlert(1, 2)]);
  await poll();
  ids();

  await app.simulator.addAlerts([anAlert(2, 9)]);
  await poll();
  expect(ids().sort()).toEqual([alertId(1), alertId(2)]);
});

test("gives alerts the tenant and id they have in the stream, with their evidence", async () => {
  await app.simulator.addAlerts([
    { ...anAlert(1, 5), evidence: [{ entityType: "User", userPrincipalName: "ada@contoso.example" }] },
  ]);
  await poll();

  expect(takenIn.flatMap(({ alerts }) => alerts)).toMatchObject([
    { tenantId: app.defender.tenantId, alertId: alertId(1), users: ["ada@contoso.example"] },
  ]);
});

test("moves its mark only when all was taken in", async () => {
  await app.simulator.addAlerts([anAlert(1, 5)]);
  isDown = true;
  expect((await poll()).runtimeStatus).toBe("Failed");
  expect(mark).toBeUndefined();

  isDown = false;
  await poll();
  expect(ids()).toEqual([alertId(1)]);
  expect(mark).toBeGreaterThan(0);
});

test("comes through thousands of alerts with one time, counting every call against Defender's limits", async () => {
  const same = { ...anAlert(0, 30) };
  await app.simulator.addAlerts(Array.from({ length: 2_500 }, (_, number) => ({ ...same, id: alertId(number) })));

  expect(await poll()).toMatchObject({ runtimeStatus: "Completed", output: { isAll: true } });
  expect(new Set(ids()).size).toBe(2_500);
  const calls = await app.simulator.journal({ method: "GET", path: "/api/alerts" });
  expect(calls.filter(({ status }) => status === 429)).toEqual([]);
}, 60_000);

test("keeps an alert it cannot use as a dead letter, and takes in the others", async () => {
  await app.simulator.addAlerts([anAlert(1, 5), { ...anAlert(2, 5), id: "no id at all" }]);
  await poll();

  expect(takenIn.flatMap(({ rejected }) => rejected)).toMatchObject([
    {
      source: expect.stringMatching(/^alerts-api\/[0-9a-f]{40}$/),
      reasons: [expect.stringContaining("an alert id has")],
    },
  ]);
  expect(ids()).toEqual([alertId(1)]);
});

test("starts no second poll while one goes on", async () => {
  const start = () => startPoll(app.client, { pollMark, tenantId: "home" }, SETTING, now());

  expect(await start()).toBe(true);
  expect(await start()).toBe(false);
  await ended("poll-alerts:home");
  expect(await start()).toBe(true);
});

test("replays the alerts created in a time, however old, in shadow unless told to act", async () => {
  await app.simulator.addAlerts([anAlert(1, 90), anAlert(2, 50), anAlert(3, 10)]);
  const input = { from: iso(now() - 60 * MINUTE), to: iso(now() - 20 * MINUTE) };
  await app.client.startNew("replay-alerts", { instanceId: "replay", input });

  expect(await ended("replay")).toMatchObject({ output: { alerts: 1, started: 1, isAll: true, upTo: input.to } });
  expect(takenIn).toMatchObject([
    { alerts: [{ alertId: alertId(2) }], options: { mode: "shadow", oldest: new Date(input.from) } },
  ]);
});
