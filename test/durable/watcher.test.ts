import type * as df from "durable-functions";
import { expect, test } from "vitest";
import { z } from "zod";
import { watcherWake } from "../../functions/durable/machine-action-watcher.ts";
import { followMachineAction } from "../../functions/playbooks/follow-machine-action.ts";
import { reviveWatcher } from "../../functions/triggers/revive-watcher.ts";
import { startVirtualApp, type VirtualApp, watchesInMemory } from "../../local/virtual-app.ts";
import type { MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import { definePlaybook } from "../../shared/playbook.ts";
import { aCollection, anIsolation } from "../helpers/builders.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Follows an action that Defender has just taken, again and again. */
const follow = definePlaybook({
  ...{ name: "follow", version: 1, summary: "Follows machine actions." },
  input: z.object({ times: z.number().default(1), pauseSeconds: z.number().default(0) }),
  *steps(run, { times, pauseSeconds }) {
    let seen: MachineAction | undefined;
    for (let time = 0; time < times; time++) {
      const asked = anIsolation({ creationDateTimeUtc: run.now().toISOString() });
      seen = yield* followMachineAction(run, asked, { hours: 3 });
      yield* run.sleep({ seconds: pauseSeconds });
    }
    return seen?.status;
  },
});

/** An app whose Defender shows one action: in the list of open and recent ones, or only when asked for its time. */
async function appThatShows(action: () => { listed?: MachineAction; earlier?: MachineAction }, more: object = {}) {
  const lists: number[] = [];
  let looks = 0;
  const app: VirtualApp = await startVirtualApp([follow], {
    services: {
      defender: {
        machineActions: {
          async *list({ filter }: { filter: { text: string } }) {
            lists.push(app.clock.now().getTime());
            // A watcher that runs wild would not let any virtual time pass.
            if (lists.length > 2_000) await new Promise(() => {});
            const { listed, earlier } = action();
            if (filter.text.includes(" le ") ? earlier : listed) yield earlier ?? listed;
          },
          get: async () => {
            looks++;
            return action().listed ?? action().earlier;
          },
        },
      } as never,
      ...more,
    },
  });
  return Object.assign(app, { lists, looks: () => looks });
}

const start = (app: VirtualApp, instanceId: string, input: object = {}) =>
  app.client.startNew("follow", { instanceId, input });

const watcherOf = (app: VirtualApp): string => `machine-action-watcher:${app.defender.tenantId}`;

const has = async (app: VirtualApp, id: string, status: string) =>
  (await app.client.getStatus(id)).runtimeStatus === status;

const mostInAnHour = (times: number[]): number =>
  Math.max(...times.map((first) => times.filter((time) => time >= first && time < first + HOUR).length));

test("follows an action of a status nobody knows to the deadline, within its share of the limits", async () => {
  const earlier = anIsolation({ status: "Expiring" });
  await using app = await appThatShows(() => ({ earlier }));
  await start(app, "run-1");

  await app.passTime(() => has(app, "run-1", "Completed"), 4 * HOUR);

  expect((await app.client.getStatus("run-1")).output).toBe("Expiring");
  expect(mostInAnHour(app.lists)).toBeLessThanOrEqual(200);
  expect(app.looks()).toBe(1);
}, 60_000);

test("never asks for more than 200 lists in any hour, though one run after the other comes and is told at once", async () => {
  const listed = anIsolation({ status: "Succeeded" });
  await using app = await appThatShows(() => ({ listed }));
  await start(app, "run-1", { times: 300, pauseSeconds: 4 });

  await app.passTime(() => has(app, "run-1", "Completed"), 4 * HOUR);

  expect(mostInAnHour(app.lists)).toBeLessThanOrEqual(200);
  expect(app.lists.length).toBeGreaterThanOrEqual(300);
}, 60_000);

test("goes on after a wait whose time cannot be read", async () => {
  const watches = watchesInMemory();
  const machineActionId = aCollection().id;
  await watches.add({ runId: "nobody", machineActionId, event: "news-1", since: "" });
  await using app = await appThatShows(() => ({ listed: anIsolation({ status: "Succeeded" }) }), { watches });
  await start(app, "run-1");

  await app.passTime(() => has(app, "run-1", "Completed"), HOUR);

  expect(await watches.all()).toEqual([]);
});

test("is there again after it was ended by force, while somebody waits", async () => {
  let status = "Pending";
  const watches = watchesInMemory();
  await using app = await appThatShows(() => ({ listed: anIsolation({ status }) }), { watches });
  const watcher = watcherOf(app);
  const revive = () => reviveWatcher(watches, watcherWake(app.client, app.defender.tenantId));
  await start(app, "run-1");
  await app.settle();
  await app.client.terminate(watcher, "test");
  await app.passTime(() => has(app, watcher, "Terminated"), MINUTE);

  status = "Succeeded";
  await revive();
  await app.passTime(() => has(app, "run-1", "Completed"), MINUTE);

  await app.client.terminate(watcher, "test");
  await app.passTime(() => has(app, watcher, "Terminated"), MINUTE);
  await revive();
  await app.settle();
  expect(await has(app, watcher, "Terminated")).toBe(true);
});

test("asks no sooner than Defender allows, whoever comes meanwhile", async () => {
  await using app = await startVirtualApp([follow]);
  const fault = { method: "GET", path: "/api/machineactions", effect: "answer", status: 429 } as const;
  await app.simulator.fault({ ...fault, headers: { "retry-after": "600" } });
  await start(app, "run-1");
  await app.settle();
  await start(app, "run-2");
  await app.settle();
  await app.client.raiseEvent(watcherOf(app), "wake", "");
  await app.passTime(async () => (await app.simulator.journal()).length > 1, HOUR);

  const lists = await app.simulator.journal();
  expect(lists.map(({ status, time }) => [status, time.slice(11, 16)])).toEqual([
    [429, "09:00"],
    [200, "09:10"],
  ]);
});

const inMs = (ms: number) => Date.now() + ms;

test.each([
  ["it sleeps", () => ({ asleep: true, nextAt: 0, earliestAt: 0 }), 1],
  ["it is looking, and may have read the waiting runs before", () => null, 1],
  ["it looks in a minute", () => ({ asleep: false, nextAt: inMs(MINUTE), earliestAt: 0 }), 1],
  ["it looks in a second", () => ({ asleep: false, nextAt: inMs(1_000), earliestAt: 0 }), 0],
  ["it may not look earlier", () => ({ asleep: false, nextAt: inMs(MINUTE), earliestAt: inMs(MINUTE) }), 0],
])("is woken, or not, when %s", async (_, says, times) => {
  const customStatus = says();
  const raised: string[] = [];
  const client = {
    getStatus: async () => ({ runtimeStatus: "Running", customStatus }),
    raiseEvent: async (id: string) => void raised.push(id),
  } as unknown as df.DurableClient;

  await watcherWake(client, "tenant").wake();

  expect(raised).toHaveLength(times);
});
