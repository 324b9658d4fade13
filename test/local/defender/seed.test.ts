import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { simulatedDefender } from "./simulated-defender.ts";

const seedData = { seed: 42, machines: 20, alerts: 15 };

describe("made-up data", () => {
  test("is the same for the same seed, and other for another", async () => {
    await using one = await simulatedDefender({ seedData });
    await using same = await simulatedDefender({ seedData });
    await using other = await simulatedDefender({ seedData: { ...seedData, seed: 43 } });
    const state = await one.control.state();

    expect(await same.control.state()).toEqual(state);
    expect((await other.control.state()).machines[0]?.machine.id).not.toBe(state.machines[0]?.machine.id);
  });

  test("holds together: alerts name machines, users and files that are there", async () => {
    await using defender = await simulatedDefender({ seedData, settings: { throttling: false } });
    const { alerts } = await defender.control.state();
    const get = async (path: string) => defender.call("GET", `/api/alerts/${path}`);

    for (const { id, machineId, relatedUser } of alerts) {
      expect((await get(`${id}/machine`)).body.id).toBe(machineId);
      expect((await get(`${id}/user`)).body.accountName).toBe(relatedUser?.userName);
      expect((await get(`${id}/files`)).body.value).toMatchObject([{ fileType: "PortableExecutable" }]);
    }
  });

  test("is not made up again over what a folder holds", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "seeded-"));
    try {
      const first = await simulatedDefender({ seedData, folder });
      await first.control.putRows("files", [{ sha1: "0".repeat(40), size: 1 }]);
      await first.control.addMachine({ id: "1".repeat(40) });
      await first.close();
      await using second = await simulatedDefender({ seedData, folder });

      expect((await second.control.state()).machines).toHaveLength(21);
      expect((await second.control.rows("files")).at(-1)).toEqual({ sha1: "0".repeat(40), size: 1 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test("lists stay fast over 10,000 machines and 15,000 indicators", async () => {
  await using defender = await simulatedDefender({
    seedData: { machines: 10_000, alerts: 1000 },
    settings: { throttling: false },
  });
  const blocked = (start: number) =>
    Array.from({ length: 500 }, (_, number) => ({
      indicatorValue: (start + number).toString(16).padStart(40, "0"),
      indicatorType: "FileSha1",
      action: "Block",
      title: "Known bad",
      description: "From a feed",
    }));
  for (let start = 0; start < 15_000; start += 500) {
    await defender.call("POST", "/api/indicators/import", { Indicators: blocked(start) });
  }
  const [{ id } = { id: "" }] = (await defender.call("GET", "/api/machines?$top=1&$skip=9000")).body.value;
  const filters = [
    `machines?$filter=${encodeURIComponent(`id eq '${id}'`)}`,
    `machines/${id}`,
    `machines/${id}/alerts`,
    `indicators?$filter=${encodeURIComponent(`indicatorValue eq '${"1".padStart(40, "0")}'`)}`,
  ];
  // Processor time, as the machine may be busy with other things.
  const start = process.cpuUsage();
  for (const filter of Array.from({ length: 25 }, () => filters).flat()) {
    expect((await defender.call("GET", `/api/${filter}`)).status).toBe(200);
  }

  expect((await defender.call("GET", "/api/indicators?$skip=10000")).body.value).toHaveLength(5000);
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1000).toBeLessThan(5000);
}, 60_000);
