import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { activities } from "../../../functions/activities/index.ts";
import { Policy } from "../../../shared/policy/policy.ts";
import { readPolicy } from "../../../shared/policy/read-policy.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "policy-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function policyFrom(text: string) {
  writeFileSync(join(folder, "policy.yaml"), text);
  return readPolicy(folder, activities);
}

test("the project's own policy can be used", () => {
  expect(readPolicy("config", activities).criticalAssets.tags).toContain("domain-controller");
});

test("a policy that says nothing is careful: caps, breaker, and domain controllers protected", () => {
  expect(policyFrom("{}\n")).toMatchObject({
    criticalAssets: { domainControllers: true, hyperVHosts: true, containment: "deny" },
    caps: { machinesPerHour: 50 },
    circuitBreaker: { failedMachines: 5, opensAtCap: true },
    releaseOthers: "ask",
    shadow: { everything: false },
  });
});

test.each([
  ["rules: [{ activity: isolateMachin, restriction: deny }]", /"isolateMachin", which is no activity/],
  ["rules: [{ restriction: deny }]", /name an activity or an effect/],
  ["rules: [{ effect: read, restriction: deny }]", /rules\.0\.effect/],
  ["caps: { percentOfFleetPerHour: 5 }", /fleetSize: is needed for percentOfFleetPerHour/],
  ["caps: { machinesPerHour: -1 }", /machinesPerHour/],
  ["criticalAssets: { tag: [x] }", /policy\.yaml:1:\d+: .*tag/],
])("refuses what would protect less than it says: %s", (text, problem) => {
  expect(() => policyFrom(`${text}\n`)).toThrow(problem);
});

test("a channel that reaches one approver alone cannot reach another one, too", () => {
  const approvers = [
    { id: "ada", channels: ["mail-ada", "desk"] },
    { id: "bob", channels: ["desk"] },
  ];

  expect(() => Policy.parse({ approvals: { approvers } })).toThrow("two approvers share the channel desk");
});

test("a part that is left out keeps its defaults", () => {
  expect(Policy.parse({ caps: { machinesPerHourInDeviceGroup: 3 } }).caps).toEqual({
    machinesPerHour: 50,
    machinesPerHourInDeviceGroup: 3,
  });
});
