import { expect, test } from "vitest";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { MACHINE_ID } from "../helpers/builders.ts";
import { CONTAINMENT_ID, DAY_MS, startContainments } from "../helpers/virtual-containment.ts";

const QUEUED = "Isolation is queued, device offline. Defender keeps trying for three days.";

/** Without the mark of the run. */
const words = (comments: string[]) => comments.map((comment) => comment.replace(/ \[run-.*$/, ""));

test("a device that is away for two days is isolated when it returns; alert and ticket say so at each stage", async () => {
  await using app = await startContainments();
  await app.simulator.setOffline(MACHINE_ID);
  await app.contain({ leaseHours: 5 });

  await app.passTime(() => app.hours() >= 48, 3 * DAY_MS);
  expect(await app.isIsolated()).toBe(false);
  expect(words(await app.comments())).toEqual([QUEUED]);
  expect(app.notes).toEqual([QUEUED]);
  expect(await app.leases.get(MachineId.parse(MACHINE_ID))).toMatchObject({ state: "queued" });

  await app.simulator.setOffline(MACHINE_ID, false);
  await app.passTime(async () => (await app.statusOf(CONTAINMENT_ID)) === "Completed", DAY_MS);
  expect(await app.isIsolated()).toBe(true);
  const lease = await app.leases.get(MachineId.parse(MACHINE_ID));
  const [queued, isolated, closing] = words(await app.comments());
  expect(queued).toBe(QUEUED);
  expect(isolated).toBe(`Isolated. It is released at ${lease?.until} (UTC).`);
  expect(closing).toContain("Isolated.");
  expect(`${app.notes[1]} Ticket SEC-1.`).toBe(closing);
}, 120_000);

test("after three days alert and ticket say that Defender gave up, and that the device is not isolated", async () => {
  await using app = await startContainments();
  await app.simulator.setOffline(MACHINE_ID);
  await app.contain({ leaseHours: 5 });

  await app.passTime(async () => (await app.statusOf(CONTAINMENT_ID)) === "Completed", 4 * DAY_MS);

  expect(app.hours()).toBeGreaterThan(72);
  expect(await app.isIsolated()).toBe(false);
  expect(await app.outputOf(CONTAINMENT_ID)).toMatchObject({ outcome: "not-isolated" });
  const comments = words(await app.comments());
  expect(comments[0]).toBe(QUEUED);
  expect(comments.at(-1)).toContain("Not isolated: Isolate ended as TimeOut");
  expect(app.notes.at(-1)).toContain("Not isolated: Isolate ended as TimeOut");
  expect(await app.leases.get(MachineId.parse(MACHINE_ID))).toMatchObject({ state: "ended" });
}, 120_000);
