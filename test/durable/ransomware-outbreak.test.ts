import { expect, test } from "vitest";
import { containDevice } from "../../functions/playbooks/contain-device.ts";
import { ransomwareOutbreak } from "../../functions/playbooks/ransomware-outbreak.ts";
import { startVirtualApp } from "../../local/virtual-app.ts";
import { Policy } from "../../shared/policy/policy.ts";
import type { Services } from "../../shared/services.ts";

const HOUR_MS = 3_600_000;
const RUN_ID = `run-${"1".padStart(40, "0")}`;
const machineIds = Array.from({ length: 30 }, (_, index) => (index + 1).toString(16).padStart(40, "0"));

test("30 devices under a cap of 10 an hour: no more than 10 in the first, and all in the end", async () => {
  const notes: string[] = [];
  const services = {
    tickets: {
      open: async () => ({ id: "SEC-1", description: "" }),
      addNote: async (runId: string, { text }: { text: string }) => {
        if (runId === RUN_ID) notes.push(text);
        return { id: "SEC-1" };
      },
    },
    cases: { openRun: async () => undefined, alertsOf: async () => [], close: async () => ({ isClosed: true }) },
    evidence: {
      find: async () => undefined,
      store: async () => ({ container: "e", name: "p", bytes: 1, sha256: "ab" }),
    },
    policy: () => Policy.parse({ caps: { machinesPerHour: 10 } }),
  } as unknown as Partial<Services>;
  await using app = await startVirtualApp([ransomwareOutbreak, containDevice], { services });
  await app.simulator.addMachines(machineIds.map((id) => ({ id })));
  await app.client.startNew(ransomwareOutbreak.name, { instanceId: RUN_ID, input: { machineIds, waveSize: 7 } });
  const startedAt = app.clock.now().getTime();
  const isolations = async () =>
    (await app.simulator.journal({ method: "POST", path: "/api/machines/*/isolate" })).length;

  await app.passTime(() => app.clock.now().getTime() - startedAt >= 0.9 * HOUR_MS, HOUR_MS);
  expect(await isolations()).toBe(10);

  await app.passTime(async () => (await app.client.getStatus(RUN_ID)).runtimeStatus !== "Running", 24 * HOUR_MS);
  expect((await app.client.getStatus(RUN_ID)).output).toMatchObject({ outcome: "done" });
  expect(await isolations()).toBe(30);
  expect(notes.at(-1)).toContain("Of 30 device(s): 30 contained.");
  expect(notes[1]).toContain("3 contained; 4 not contained, as the hour's cap is reached");
}, 60_000);
