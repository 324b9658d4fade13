import fc from "fast-check";
import { AlertFacts } from "../../../shared/intake/alert-facts.ts";
import { AutomationRule } from "../../../shared/rules/automation-rule.ts";
import { Condition } from "../../../shared/rules/condition.ts";
import type { Subject } from "../../../shared/rules/decide.ts";
import { ALERT_ID, aMachine, MACHINE_ID } from "../../helpers/builders.ts";

export const NOW = new Date("2026-01-05T12:00:00Z");

export const anAlert = (changes: object = {}): AlertFacts =>
  AlertFacts.parse({ tenantId: "t-1", alertId: ALERT_ID, severity: "High", machineIds: [MACHINE_ID], ...changes });

export const aRule = (changes: object = {}): AutomationRule =>
  AutomationRule.parse({ name: "rule", when: { severity: "High" }, playbook: "contain-device", ...changes });

const someCondition = fc.constantFrom(
  { severity: "High" },
  { severity: ["Low", "Medium"] },
  { title: "*a*" },
  { technique: "T1059" },
  { tag: "x" },
  { os: "Windows*" },
  { user: "alice" },
  { severity: "High", tag: ["x", "y"] },
  { timeOfDay: { from: "08:00", to: "13:00" } },
);

/** Conditions of every kind, nested. */
export const anyCondition = fc
  .letrec<{ tree: object }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      someCondition,
      fc.record({ all: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }) }),
      fc.record({ any: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: tie("tree") }),
    ),
  }))
  .tree.map((given) => Condition.parse(given));

const someMachine = fc
  .record({ machineTags: fc.subarray(["x", "y", "z"]), osPlatform: fc.constantFrom("Windows11", "Linux") })
  .map((changes) => aMachine(changes));

/** Alerts of which anything may be unknown, on machines that may not have been read. */
export const anySubject: fc.Arbitrary<Subject> = fc
  .record({
    severity: fc.constantFrom("High", "Low", undefined),
    title: fc.constantFrom("abc", "xyz", undefined),
    techniques: fc.subarray(["T1059.001", "T1486"]),
    users: fc.subarray(["alice", "bob"]),
    machine: fc.option(someMachine, { nil: undefined }),
    hour: fc.integer({ min: 0, max: 23 }),
  })
  .map(({ machine, hour, ...facts }) => ({
    alert: anAlert(facts),
    machine,
    now: new Date(NOW.getTime() + hour * 3_600_000),
  }));

/** All that may turn out of what is not known. */
export function completions({ alert, machine, now }: Subject): Subject[] {
  const severities = alert.severity === undefined ? ["High", "Medium", "Informational"] : [alert.severity];
  const titles = alert.title === undefined ? ["abc", "xyz"] : [alert.title];
  const machines = machine
    ? [machine]
    : ["Windows11", "Linux"].flatMap((osPlatform) =>
        [[], ["x"], ["z"]].map((machineTags) => aMachine({ osPlatform, machineTags })),
      );
  return severities.flatMap((severity) =>
    titles.flatMap((title) => machines.map((machine) => ({ alert: { ...alert, severity, title }, machine, now }))),
  );
}
