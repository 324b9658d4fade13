import { expect, test } from "vitest";
import { createStepLog } from "../../../shared/runs/step-log.ts";

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 5, 9, 0, second));

test("tells what was done, how it ended, and what is under way", () => {
  const log = createStepLog();
  log.begin("getMachine", at(0));
  log.end(at(1));
  log.begin("isolateMachine", at(1));
  log.end(at(2), "PolicyDenied");
  log.begin("openTicket", at(2));
  log.report("not isolated");

  expect(log.seen()).toEqual({
    progress: "not isolated",
    steps: [
      { name: "getMachine", startedAt: at(0).toISOString(), endedAt: at(1).toISOString(), state: "done", times: 1 },
      {
        name: "isolateMachine",
        startedAt: at(1).toISOString(),
        endedAt: at(2).toISOString(),
        state: "failed",
        times: 1,
        reason: "PolicyDenied",
      },
      { name: "openTicket", startedAt: at(2).toISOString(), state: "running", times: 1 },
    ],
  });
});

test("counts a step that is repeated in a row instead of listing it", () => {
  const log = createStepLog();
  for (let second = 0; second < 300; second += 1) {
    log.begin("getMachineAction", at(second));
    log.end(at(second + 1));
  }

  expect(log.seen().steps).toMatchObject([{ name: "getMachineAction", times: 300, startedAt: at(0).toISOString() }]);
});

test("stays within what a custom status may hold, and keeps the latest steps", () => {
  const log = createStepLog();
  for (let step = 0; step < 500; step += 1) {
    log.begin(`step-${step}`, at(step));
    log.end(at(step), '"'.repeat(5_000));
  }
  log.report("x".repeat(5_000));

  expect(JSON.stringify(log.seen()).length).toBeLessThan(8_192);
  expect(log.seen().steps.at(-1)?.name).toBe("step-499");
});
