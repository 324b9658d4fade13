import { expect, test } from "vitest";
import { fateOf } from "../../functions/playbooks/outbreak-tally.ts";
import type { CircuitBreaker } from "../../shared/policy/circuit-breaker.ts";
import { judge } from "../../shared/policy/judge.ts";
import type { KillSwitch } from "../../shared/policy/kill-switch.ts";
import { Policy } from "../../shared/policy/policy.ts";
import { aMachine } from "../helpers/builders.ts";

const since = "2026-01-05T09:00:00Z";
const off = { isOn: false } as KillSwitch;
const closed = { isOpen: false } as CircuitBreaker;

test.each([
  ["stopped", { killSwitch: { isOn: true, since, by: "ada", reason: "wrong list" } as KillSwitch }],
  ["stopped", { breaker: { isOpen: true, since, reason: "3 of 10 failed" } as CircuitBreaker }],
  ["capped", { policy: Policy.parse({ caps: { machinesPerHour: 1 } }) }],
  ["group-capped", { policy: Policy.parse({ caps: { machinesPerHour: 9, machinesPerHourInDeviceGroup: 1 } }) }],
  ["refused", { policy: Policy.parse({ criticalAssets: { tags: ["vip"] } }) }],
])("knows a containment that the policy has %s by the policy's own words", (fate, changes) => {
  const { reason } = judge({
    ...{ activity: "isolateMachine", effect: "contain", runId: "run-1", mode: "act", policy: Policy.parse({}) },
    machine: aMachine({ machineTags: ["vip"], rbacGroupName: "Sales" }),
    ...{ killSwitch: off, breaker: closed, usage: { tenant: 1, deviceGroup: 1, isCounted: false } },
    ...changes,
  });
  const words = `Not isolated: ${reason}`;

  expect(fateOf({ runId: "run-2", state: "ended", outcome: "not-isolated", words })).toEqual({ fate, words });
});
