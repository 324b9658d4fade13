import { expect, test } from "vitest";
import { Snooze, snoozeOf } from "../../../shared/snoozes/snooze.ts";
import { MACHINE_ID } from "../../helpers/builders.ts";

const about = { until: "2026-01-05T12:00:00Z", reason: "forensics", by: "ana" };
const planned = { tenantId: "t-1", machineId: MACHINE_ID, rule: "high", title: "Ransomware" };
const holds = (conditions: object) => snoozeOf([Snooze.parse({ ...conditions, ...about })], planned) !== undefined;

test("holds for what meets all of its conditions", () => {
  expect(holds({ machineId: MACHINE_ID })).toBe(true);
  expect(holds({ rule: "high" })).toBe(true);
  expect(holds({ title: "Ransomware" })).toBe(true);
  expect(holds({ machineId: MACHINE_ID, rule: "high", title: "Ransomware" })).toBe(true);
  expect(holds({ machineId: MACHINE_ID, rule: "low" })).toBe(false);
  expect(holds({ machineId: "ab".repeat(20) })).toBe(false);
  expect(holds({ title: "ransom" })).toBe(false);
  expect(holds({ tenantId: "t-1", rule: "high" })).toBe(true);
  expect(holds({ tenantId: "t-2", rule: "high" })).toBe(false);
});

test("is refused where it would hold for everything, never end, or name nobody", () => {
  expect(Snooze.safeParse(about).success).toBe(false);
  expect(Snooze.safeParse({ ...about, rule: "high", until: undefined }).success).toBe(false);
  expect(Snooze.safeParse({ ...about, rule: "high", by: "" }).success).toBe(false);
  expect(Snooze.safeParse({ ...about, rule: "high", machine: MACHINE_ID }).success).toBe(false);
});
