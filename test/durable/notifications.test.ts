import { expect, test } from "vitest";
import { containDevice } from "../../functions/playbooks/contain-device.ts";
import { tellPeople } from "../../functions/playbooks/tell-people.ts";
import { startVirtualApp } from "../../local/virtual-app.ts";
import { unavailable } from "../../shared/notifications/delivery-error.ts";
import type { Services } from "../../shared/services.ts";
import { MACHINE_ID } from "../helpers/builders.ts";
import { channelsInMemory } from "../helpers/channels.ts";

const RUN_ID = `run-${"1".padStart(40, "0")}`;
const MINUTE_MS = 60_000;

/** A containment in virtual time, without alert, whose people are told over these channels. */
async function startContainment(options: Parameters<typeof channelsInMemory>[0]) {
  const { channels, sent } = channelsInMemory(options);
  const ticket = { id: "SEC-1", status: "open", description: "", notes: [] };
  const services = {
    tickets: { open: async () => ticket, addNote: async () => ticket, get: async () => undefined },
    cases: { join: async () => ({}), alertsOf: async () => [], close: async () => ({ isClosed: true }) },
    evidence: {
      find: async () => undefined,
      store: async () => ({ container: "e", name: "p", bytes: 1, sha256: "ab" }),
    },
  } as unknown as Partial<Services>;
  const app = await startVirtualApp([containDevice, tellPeople], { services, channels });
  await app.simulator.addMachine({ id: MACHINE_ID });
  await app.client.startNew(containDevice.name, {
    instanceId: RUN_ID,
    input: { machineId: MACHINE_ID, joinMinutes: 0, severity: "High" },
  });
  const statusOf = async (runId: string) => (await app.client.getStatus(runId)).runtimeStatus as string;
  return {
    ...app,
    sent,
    ended: () => app.passTime(async () => (await statusOf(RUN_ID)) === "Completed", 60 * MINUTE_MS),
  };
}

test("a channel that is down for some minutes hears of a containment when it is back, and the run does not wait", async () => {
  let isDown = true;
  const failure = () => (isDown ? unavailable("answered 503") : undefined);
  const events = ["containment"] as const;
  await using app = await startContainment({ soc: { events }, night: { events, failure } });
  await app.ended();
  expect(app.sent.map(({ channel }) => channel)).toEqual(["soc"]);

  isDown = false;
  await app.passTime(() => app.sent.length > 1, 10 * MINUTE_MS);
  expect(app.sent).toMatchObject([
    { channel: "soc", title: expect.stringMatching(/^Isolated: /) },
    { channel: "night", runId: RUN_ID, severity: "High" },
  ]);
}, 60_000);

test("a channel that never answers fails no run", async () => {
  const failure = () => unavailable("answered 503");
  await using app = await startContainment({ night: { events: ["containment"], failure } });
  await app.ended();
  const isOver = async () => {
    const runs = await app.client.getStatusAll();
    return runs.some(({ name, runtimeStatus }) => name.startsWith(tellPeople.name) && runtimeStatus === "Completed");
  };
  await app.passTime(isOver, 20 * MINUTE_MS);

  expect(app.sent).toEqual([]);
  expect(app.audit.filter(({ event, target }) => event === "failed" && target === "channel night")).toHaveLength(9);
}, 60_000);
