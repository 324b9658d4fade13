import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, explain, type Subject } from "../../../shared/rules/decide.ts";
import { aMachine } from "../../helpers/builders.ts";
import { anAlert, anyCondition, anySubject, aRule, completions, NOW } from "./rules.ts";

fc.configureGlobal({ seed: 20_260_105 });

const subject = (changes: object = {}, more: Partial<Subject> = {}): Subject => ({
  alert: anAlert(changes),
  now: NOW,
  ...more,
});
const rulesTaken = (given: Subject, rules: ReturnType<typeof aRule>[]) => {
  const decision = decide(given, rules);
  return decision.verdict === "matched" ? decision.actions.map(({ rule }) => rule) : decision.verdict;
};

test("does what the first rule says that matches", () => {
  const rules = [
    aRule({ name: "low", when: { severity: "Low" } }),
    aRule({ name: "first", with: { isolationType: "Selective" }, mode: "ask", coolDown: "4h" }),
    aRule({ name: "second" }),
  ];

  expect(decide(subject(), rules)).toEqual({
    verdict: "matched",
    actions: [
      {
        rule: "first",
        playbook: "contain-device",
        with: { isolationType: "Selective" },
        mode: "ask",
        coolDownMs: 14_400_000,
      },
    ],
  });
  expect(decide(subject({ severity: "Medium" }), rules)).toEqual({ verdict: "none" });
});

test("goes on after a rule that says so, and ends at the next that does not", () => {
  // biome-ignore-start lint/suspicious/noThenProperty: it is what the file says
  const rules = [
    aRule({ name: "one", then: "continue" }),
    aRule({ name: "other", when: { severity: "Low" }, then: "continue" }),
    aRule({ name: "two" }),
    aRule({ name: "three" }),
  ];
  // biome-ignore-end lint/suspicious/noThenProperty: it is what the file says

  expect(rulesTaken(subject(), rules)).toEqual(["one", "two"]);
});

test("does not jump over a rule that cannot be judged yet", () => {
  const rules = [aRule({ name: "servers", when: { os: "WindowsServer*" } }), aRule({ name: "all" })];

  expect(decide(subject(), rules)).toEqual({ verdict: "unknown", rule: "servers", needs: ["machine"], actions: [] });
  expect(rulesTaken(subject({}, { machine: aMachine({ osPlatform: "Windows11" }) }), rules)).toEqual(["all"]);
});

test("needs nothing that the alert alone decides", () => {
  const rules = [aRule({ name: "servers", when: { severity: "Low", os: "WindowsServer*" } }), aRule({ name: "all" })];

  expect(rulesTaken(subject(), rules)).toEqual(["all"]);
});

test("lets be what is off or has expired", () => {
  const at = (now: string) => rulesTaken(subject({}, { now: new Date(now) }), [aRule({ expires: "2026-01-05" })]);
  expect(at("2026-01-05T23:59:59Z")).toEqual(["rule"]);
  expect(at("2026-01-06T00:00:00Z")).toBe("none");

  const moment = aRule({ expires: "2026-01-05T13:00:00+01:00" });
  expect(rulesTaken(subject({}, { now: new Date("2026-01-05T11:59:59Z") }), [moment])).toEqual(["rule"]);
  expect(rulesTaken(subject(), [moment])).toBe("none");
  expect(rulesTaken(subject(), [aRule({ enabled: false, when: { os: "Linux" } }), aRule({ name: "on" })])).toEqual([
    "on",
  ]);
});

describe("explains", () => {
  const rules = [
    aRule({ name: "off", enabled: false }),
    aRule({ name: "past", expires: "2025-12-31" }),
    aRule({ name: "low", when: { severity: ["Low", "Medium"], technique: "T1486" } }),
    aRule({ name: "not a server", when: { severity: "High", not: { os: "WindowsServer*" } } }),
    aRule({ name: "last" }),
    aRule({ name: "of nobody", when: { user: "nobody" } }),
  ];

  test("every rule, with what the alert has instead", () => {
    const machine = aMachine({ osPlatform: "WindowsServer2022" });

    expect(explain(subject({ techniques: ["T1059"] }, { machine }), rules)).toEqual([
      { rule: "off", verdict: "off", why: ["it is not enabled"] },
      { rule: "past", verdict: "off", why: ["it expired: 2025-12-31"] },
      {
        rule: "low",
        verdict: "no-match",
        why: ["severity is High, not Low or Medium", "technique is T1059, not T1486"],
      },
      { rule: "not a server", verdict: "no-match", why: ["system is WindowsServer2022, which is excluded"] },
      { rule: "last", verdict: "matched", why: ["severity is High"] },
      { rule: "of nobody", verdict: "no-match", why: ["no user is there, wanted is nobody"] },
    ]);
  });

  test("what has to be known first", () => {
    expect(explain(subject(), rules).slice(3, 5)).toEqual([
      { rule: "not a server", verdict: "unknown", why: ["the machine has not been read"] },
      { rule: "last", verdict: "not-reached", why: ['rule "not a server" cannot be judged yet'] },
    ]);
  });

  test("the time where it decides", () => {
    const night = aRule({ when: { timeOfDay: { from: "22:00", to: "06:00", timeZone: "Europe/Berlin" } } });

    expect(explain(subject(), [night])).toEqual([
      {
        rule: "rule",
        verdict: "no-match",
        why: ["it is Monday 13:00 (Europe/Berlin), not 22:00 to 06:00 (Europe/Berlin)"],
      },
    ]);
  });
});

describe("whatever the rules", () => {
  const anyRules = fc
    .array(
      fc.record({
        when: anyCondition,
        enabled: fc.boolean(),
        // biome-ignore lint/suspicious/noThenProperty: it is what the file says
        then: fc.constantFrom("stop" as const, "continue" as const),
        mode: fc.constantFrom("act" as const, "shadow" as const),
      }),
      { maxLength: 6 },
    )
    .map((all) => all.map((rule, index) => ({ ...aRule({ name: `rule-${index}` }), ...rule })));

  test("the actions are those of the matching rules in their order, up to the first that stops", () => {
    fc.assert(
      fc.property(anyRules, anySubject, (rules, given) => {
        const explained = explain(given, rules);
        const matched = explained.filter(({ verdict }) => verdict === "matched").map(({ rule }) => rule);
        const open = explained.find(({ verdict }) => verdict === "unknown")?.rule;
        const decision = decide(given, rules);
        if (decision.verdict === "unknown") expect(decision.rule).toBe(open);
        else expect(rulesTaken(given, rules)).toEqual(matched.length > 0 ? matched : "none");
      }),
    );
  });

  test("a decision stays, whatever turns out of what is not known", () => {
    fc.assert(
      fc.property(anyRules, anySubject, (rules, given) => {
        const decision = decide(given, rules);
        fc.pre(decision.verdict !== "unknown");
        for (const complete of completions(given)) expect(decide(complete, rules)).toEqual(decision);
      }),
    );
  });

  test("rules after one that stops make no difference", () => {
    fc.assert(
      fc.property(anyRules, anyRules, anySubject, (rules, later, given) => {
        const decision = decide(given, rules);
        const last = decision.verdict === "matched" ? decision.actions.at(-1)?.rule : undefined;
        fc.pre(rules.some(({ name, then }) => name === last && then === "stop"));
        expect(decide(given, [...rules, ...later])).toEqual(decision);
      }),
    );
  });

  test("a rule that is off is as one that is not there", () => {
    fc.assert(
      fc.property(anyRules, anySubject, (rules, given) => {
        expect(
          decide(
            given,
            rules.filter(({ enabled }) => enabled),
          ),
        ).toEqual(decide(given, rules));
      }),
    );
  });
});
