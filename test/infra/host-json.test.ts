import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { committedResources } from "../../infra/check/committed.ts";
import { ofType } from "../../infra/check/resources.ts";

const host = JSON.parse(readFileSync("host.json", "utf8"));

test("the task hub of the scheduler is that of the app", () => {
  const [hub] = ofType(committedResources("prod"), "Microsoft.DurableTask/schedulers/taskHubs");
  expect(hub?.name.split("/").at(-1)).toBe(host.extensions.durableTask.hubName);
});

test("the extension bundle knows the scheduler and versions of playbooks", () => {
  const [, major, minor, end] = /^\[(\d+)\.(\d+)\.\d+, (\d+)\.0\.0\)$/.exec(host.extensionBundle.version) ?? [];
  expect([Number(major), Number(end)]).toEqual([4, 5]);
  expect(Number(minor)).toBeGreaterThanOrEqual(36);
});

test("no line that an alert rule looks for is left out of the telemetry", () => {
  expect(host.logging.applicationInsights.samplingSettings.excludedTypes).toContain("Trace");
});
