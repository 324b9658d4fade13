import { expect, test } from "vitest";
import { activities } from "../../functions/activities/index.ts";
import { blockFile } from "../../functions/playbooks/block-file.ts";
import { undoRunWith } from "../../functions/playbooks/undo-run.ts";
import { startVirtualApp } from "../../local/virtual-app.ts";
import { Policy } from "../../shared/policy/policy.ts";
import type { Services } from "../../shared/services.ts";

const SHA1 = "3395856ce81f2b7382dee72602f798b642f14140";
const RUN_ID = `run-${"1".padStart(40, "0")}`;
const UNDO_ID = `run-${"2".padStart(40, "0")}`;
const HOUR_MS = 3_600_000;
const idOf = (number: number) => number.toString(16).padStart(40, "b");
const [HEALTHY, AWAY, CRITICAL, BROKEN] = [idOf(1), idOf(2), idOf(3), idOf(4)] as const;

/** Four devices with the file: one is well, one is away, one is a critical asset, and one cannot quarantine. */
async function startFleet() {
  const notes: string[] = [];
  const services = {
    tickets: {
      open: async () => ({ id: "SEC-1", description: "" }),
      addNote: async (_: string, { text }: { text: string }) => {
        notes.push(text);
        return { id: "SEC-1" };
      },
    },
    policy: () => Policy.parse({ criticalAssets: { tags: ["crown-jewel"] } }),
  } as unknown as Partial<Services>;
  const app = await startVirtualApp([blockFile, undoRunWith(activities)], { services });
  await app.simulator.addMachines([
    { id: HEALTHY, computerDnsName: "healthy" },
    { id: AWAY, computerDnsName: "away" },
    { id: CRITICAL, computerDnsName: "critical", machineTags: ["crown-jewel"] },
    { id: BROKEN, computerDnsName: "broken" },
  ]);
  await app.simulator.setOffline(AWAY);
  await app.simulator.failAction(BROKEN, "StopAndQuarantineFile");
  const evidence = [{ entityType: "File", sha1: SHA1, fileName: "invoice.exe" }];
  await app.simulator.addAlerts([HEALTHY, AWAY, CRITICAL, BROKEN].map((machineId) => ({ machineId, evidence })));
  const isOver = (runId: string) => async () => (await app.client.getStatus(runId)).runtimeStatus === "Completed";
  return { ...app, notes, isOver };
}

test("a file is blocked everywhere and taken from the devices that have it; the ticket says what came of each", async () => {
  await using app = await startFleet();
  await app.client.startNew(blockFile.name, { instanceId: RUN_ID, input: { hash: SHA1 } });

  await app.passTime(() => app.notes.length === 1, HOUR_MS);
  expect(app.notes[0]).toBe("Quarantine: queued, device offline; Defender keeps trying for three days: away.");
  expect(await app.simulator.rows("indicators")).toMatchObject([
    { indicatorValue: SHA1, indicatorType: "FileSha1", action: "BlockAndRemediate" },
  ]);

  await app.simulator.setOffline(AWAY, false);
  await app.passTime(app.isOver(RUN_ID), 24 * HOUR_MS);
  const { output } = await app.client.getStatus(RUN_ID);
  expect(output).toMatchObject({ outcome: "partly-done", ticketId: "SEC-1" });
  const fates = (output as { quarantines: { machineName: string; outcome: string }[] }).quarantines;
  expect(new Map(fates.map(({ machineName, outcome }) => [machineName, outcome]))).toEqual(
    new Map([
      ["healthy", "done"],
      ["away", "done"],
      ["critical", "not-allowed"],
      ["broken", "failed"],
    ]),
  );
  expect(app.notes[1]).toContain("The file was seen on 4 device(s). Quarantine on 4:");
  expect(app.notes[1]).toMatch(/critical: not allowed by policy: .*crown-jewel/);
}, 60_000);

test("an undo takes the block off again", async () => {
  await using app = await startFleet();
  await app.client.startNew(blockFile.name, { instanceId: RUN_ID, input: { hash: SHA1, mostMachines: 0 } });
  await app.passTime(app.isOver(RUN_ID), HOUR_MS);
  expect(await app.simulator.rows("indicators")).toHaveLength(1);

  await app.client.startNew("undo-run", { instanceId: UNDO_ID, input: { runId: RUN_ID } });
  await app.passTime(app.isOver(UNDO_ID), HOUR_MS);
  expect(await app.simulator.rows("indicators")).toEqual([]);
  expect(app.notes.at(-1)).toBe("Undo, the last first: submitIndicator: undone.");
}, 60_000);
