import { expect, test } from "vitest";
import {
  afterFailure,
  afterSuccess,
  type CircuitBreaker,
  CLOSED_BREAKER,
  closed,
  type FailedContainment,
  opened,
} from "../../../shared/policy/circuit-breaker.ts";
import { outcomesOf } from "../../../shared/policy/containment-outcome.ts";
import { Policy } from "../../../shared/policy/policy.ts";
import { anIsolation, MACHINE_ID } from "../../helpers/builders.ts";

const policy = Policy.parse({ circuitBreaker: { failedMachines: 3, windowMinutes: 10 } });
const minute = (minutes: number) => new Date(Date.parse("2026-01-05T09:00:00Z") + minutes * 60_000).toISOString();

/** The breaker after failures, each `[machine, minute]`. */
const after = (failures: [machineId: string, minute: number][], stage: FailedContainment["stage"] = "action") =>
  failures.reduce<CircuitBreaker>(
    (breaker, [machineId, at]) => afterFailure(breaker, { machineId, at: minute(at), stage }, policy),
    CLOSED_BREAKER,
  );

test("opens when containments of enough machines have failed within the window, and says so", () => {
  expect(
    after([
      ["a", 0],
      ["b", 1],
    ]).isOpen,
  ).toBe(false);
  expect(
    after([
      ["a", 0],
      ["b", 1],
      ["c", 2],
    ]),
  ).toMatchObject({
    isOpen: true,
    since: minute(2),
    reason: "containments of 3 machines failed and none succeeded",
  });
});

test("counts a machine once, however often its step is tried", () => {
  expect(
    after([
      ["a", 0],
      ["a", 1],
      ["a", 2],
      ["b", 3],
    ]).isOpen,
  ).toBe(false);
});

test("forgets failures that are older than the window", () => {
  expect(
    after([
      ["a", 0],
      ["b", 9],
      ["c", 10],
    ]).isOpen,
  ).toBe(false);
});

test("a success on a machine resets the count; a request that is taken only that of refused ones", () => {
  const twice = after([
    ["a", 0],
    ["b", 1],
  ]);

  expect(afterSuccess(twice, "action").failures).toEqual([]);
  expect(afterSuccess(twice, "request")).toBe(twice);
  expect(afterSuccess(after([["a", 0]], "request"), "request").failures).toEqual([]);
});

test("stays open, with its first reason, until a person closes it, and begins to count anew", () => {
  const open = after([
    ["a", 0],
    ["b", 1],
    ["c", 2],
  ]);
  expect(afterSuccess(open, "action").isOpen).toBe(true);
  expect(opened(open, minute(9), "a cap")).toBe(open);

  const shut = closed(open, { at: minute(3), by: "ada", reason: "drill" });
  expect(shut).toMatchObject({ isOpen: false, by: "ada" });
  const next = afterFailure(shut, { machineId: "d", at: minute(4), stage: "action" }, policy);
  expect(next.isOpen).toBe(false);
});

test("takes from machine actions how containments ended, in the order in which they did", () => {
  const ended = (status: string, at: string, changes: object = {}) =>
    anIsolation({ status, lastUpdateDateTimeUtc: `2026-01-05T09:0${at}:00Z`, ...changes });

  const outcomes = outcomesOf([
    ended("Succeeded", "3"),
    ended("Failed", "1", { machineId: MACHINE_ID.toUpperCase() }),
    ended("Failed", "2", { type: "RestrictCodeExecution" }),
    ended("Cancelled", "4"),
    ended("TimeOut", "4"),
    ended("Failed", "5", { type: "Unisolate" }),
    ended("Failed", "6", { machineId: null }),
  ]);
  expect(outcomes).toEqual([
    { machineId: MACHINE_ID, stage: "action", succeeded: false },
    { machineId: MACHINE_ID, stage: "action", succeeded: false },
    { machineId: MACHINE_ID, stage: "action", succeeded: true },
  ]);
});
