import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { GraphUser } from "../../../shared/defender/graph-users/user.ts";
import { CLOSED_BREAKER } from "../../../shared/policy/circuit-breaker.ts";
import { judge, type Question } from "../../../shared/policy/judge.ts";
import { KILL_SWITCH_OFF } from "../../../shared/policy/kill-switch.ts";
import { Policy } from "../../../shared/policy/policy.ts";
import { aMachine, MACHINE_ID } from "../../helpers/builders.ts";

const policyOf = (policy: z.input<typeof Policy>) => Policy.parse(policy);

const isolating = (changes: Partial<Question> = {}): Question => ({
  activity: "isolateMachine",
  effect: "contain",
  isolationType: "Full",
  machine: aMachine(),
  runId: "run-1",
  mode: "act",
  policy: policyOf({}),
  killSwitch: KILL_SWITCH_OFF,
  breaker: CLOSED_BREAKER,
  usage: { tenant: 0, deviceGroup: 0, isCounted: false },
  ...changes,
});

const releasing: Partial<Question> = { activity: "releaseMachine", effect: "release", isolationType: undefined };
const collecting: Partial<Question> = { activity: "collectInvestigationPackage", effect: "collect" };
const killSwitch = { isOn: true, since: "2026-01-05T09:00:00Z", by: "ada", reason: "wrong rule" };
const breaker = { isOpen: true, since: "2026-01-05T09:00:00Z", reason: "5 failed", failures: [] };
const full = { tenant: 1_000, deviceGroup: 1_000, isCounted: false };

test("allows to contain a machine that nothing protects", () => {
  expect(judge(isolating())).toMatchObject({ verdict: "allow", code: "Allowed" });
});

describe("a critical asset", () => {
  test.each([
    [{ tags: [" Tier-0 "] }, { machineTags: ["x", "tier-0"] }, 'tag "tier-0"'],
    [{ deviceGroups: ["servers"] }, { rbacGroupName: "Servers" }, 'device group "Servers"'],
    [{ os: ["WindowsServer*"] }, { osPlatform: "WindowsServer2022" }, "system WindowsServer2022"],
    [{ deviceValues: ["High" as const] }, { deviceValue: "High" }, "device value High"],
    [{ machineIds: [MACHINE_ID.toUpperCase()] }, {}, "listed by id"],
    [{}, { machineTags: ["Domain Controller"] }, 'domain controller by its tag "Domain Controller"'],
    [{}, { machineTags: ["DC"] }, 'domain controller by its tag "DC"'],
    [{}, { machineTags: ["hyper-v_host"] }, 'Hyper-V host by its tag "hyper-v_host"'],
  ])("is known by %j", (criticalAssets, machine, why) => {
    const question = isolating({ policy: policyOf({ criticalAssets }), machine: aMachine(machine) });

    expect(judge(question)).toEqual({
      verdict: "deny",
      code: "PolicyDenied",
      reason: `fin-laptop-07.contoso.example is a critical asset (${why})`,
    });
  });

  test("is not every machine: a pattern of a system fits only as a whole", () => {
    const policy = policyOf({ criticalAssets: { os: ["WindowsServer*", "Windows.0"] } });

    for (const osPlatform of ["Windows10", "MyWindowsServer2022", undefined]) {
      expect(judge(isolating({ policy, machine: aMachine({ osPlatform }) })).verdict).toBe("allow");
    }
  });

  const machine = aMachine({ machineTags: ["dc"] });

  test("gives up evidence and is released", () => {
    expect(judge(isolating({ ...collecting, machine })).verdict).toBe("allow");
    expect(judge(isolating({ ...releasing, machine })).verdict).toBe("allow");
  });

  test("may be left to a person", () => {
    const policy = policyOf({ criticalAssets: { containment: "ask" } });

    expect(judge(isolating({ policy, machine }))).toMatchObject({
      verdict: "ask",
      code: "NeedsApproval",
      reason: expect.stringContaining("a person must decide"),
    });
  });

  test("may be isolated selectively only", () => {
    const policy = policyOf({ criticalAssets: { containment: "selectiveOnly" } });
    const verdictOn = (changes: Partial<Question>) => judge(isolating({ policy, machine, ...changes })).verdict;

    expect(verdictOn({ isolationType: "Selective" })).toBe("allow");
    expect(verdictOn({ isolationType: "Full" })).toBe("deny");
    expect(verdictOn({ activity: "offboardMachine", isolationType: undefined })).toBe("deny");
  });
});

describe("a rule", () => {
  const offboarding: Partial<Question> = { activity: "offboardMachine", isolationType: undefined };

  test("leaves one activity to a person, and no other", () => {
    const policy = policyOf({ rules: [{ activity: "offboardMachine", restriction: "ask" }] });

    expect(judge(isolating({ policy, ...offboarding }))).toMatchObject({ code: "NeedsApproval" });
    expect(judge(isolating({ policy })).verdict).toBe("allow");
  });

  test("holds for an effect in its device groups only", () => {
    const policy = policyOf({ rules: [{ effect: "collect", deviceGroups: ["Factory"], restriction: "deny" }] });
    const inGroup = (rbacGroupName: string | null, changes = collecting) =>
      judge(isolating({ policy, machine: aMachine({ rbacGroupName }), ...changes })).verdict;

    expect(inGroup("factory")).toBe("deny");
    expect(inGroup("Office")).toBe("allow");
    expect(inGroup(null)).toBe("allow");
    expect(inGroup("Factory", releasing)).toBe("allow");
  });

  test("gives way to a stricter one, whatever their order", () => {
    const rules = [
      { effect: "contain", restriction: "ask" },
      { activity: "isolateMachine", restriction: "deny" },
    ] as const;

    for (const order of [rules, rules.toReversed()]) {
      expect(judge(isolating({ policy: policyOf({ rules: [...order] }) })).verdict).toBe("deny");
    }
  });
});

describe("the kill switch", () => {
  const update: Partial<Question> = { activity: "updateAlert", effect: "write", machine: undefined };

  test.each([{}, collecting, releasing, update])(
    "stops everything, and says who turned it on and why: %j",
    (changes) => {
      expect(judge(isolating({ killSwitch, ...changes }))).toEqual({
        verdict: "deny",
        code: "KillSwitch",
        reason: "The kill switch is on since 2026-01-05T09:00:00Z, turned on by ada: wrong rule",
      });
    },
  );

  test("does not stop the run that cancels for it", () => {
    const cancelling = {
      ...releasing,
      activity: "cancelMachineAction",
      killSwitch: { ...killSwitch, cancelRunId: "c-1" },
    };

    expect(judge(isolating({ ...cancelling, runId: "c-1" })).verdict).toBe("allow");
    expect(judge(isolating({ ...cancelling, runId: "run-1" })).verdict).toBe("deny");
  });
});

describe("caps and circuit breaker", () => {
  test.each([
    [{ machinesPerHour: 3 }, { tenant: 3 }, "CapReached", "no more than 3 machines may"],
    [
      { machinesPerHourInDeviceGroup: 1 },
      { deviceGroup: 1 },
      "GroupCapReached",
      "1 machine of the device group Office may",
    ],
    [{ percentOfFleetPerHour: 2, fleetSize: 250 }, { tenant: 5 }, "CapReached", "5 machines, 2 % of 250, may"],
    [{ percentOfFleetPerHour: 1, fleetSize: 10 }, { tenant: 1 }, "CapReached", "1 machine, 1 % of 10, may"],
  ])("a cap of %j is reached with %j", (caps, usage, code, words) => {
    const machine = aMachine({ rbacGroupName: "Office" });
    const verdictAt = (lessBy: number) => {
      const used = Object.fromEntries(Object.entries(usage).map(([key, count]) => [key, count - lessBy]));
      const given = { tenant: 0, deviceGroup: 0, isCounted: false, ...used };
      return judge(isolating({ policy: policyOf({ caps }), machine, usage: given }));
    };

    expect(verdictAt(0)).toMatchObject({ verdict: "deny", code, reason: expect.stringContaining(words) });
    expect(verdictAt(1).verdict).toBe("allow");
  });

  test("a machine that was contained within the hour takes no further place", () => {
    expect(judge(isolating({ usage: { ...full, isCounted: true } })).verdict).toBe("allow");
  });

  test("an open breaker stops containment", () => {
    expect(judge(isolating({ breaker }))).toEqual({
      verdict: "deny",
      code: "CircuitBreakerOpen",
      reason: "The circuit breaker is open since 2026-01-05T09:00:00Z: 5 failed",
    });
  });

  test("neither stops a release or a collection", () => {
    for (const changes of [releasing, collecting]) {
      expect(judge(isolating({ ...changes, breaker, usage: full })).verdict).toBe("allow");
    }
  });
});

describe("modes", () => {
  test("in shadow everything is pretended, unless it would be refused", () => {
    expect(judge(isolating({ mode: "shadow" })).verdict).toBe("shadow");
    expect(judge(isolating({ mode: "shadow", breaker })).code).toBe("CircuitBreakerOpen");
    expect(judge(isolating({ mode: "shadow", usage: full })).code).toBe("CapReached");
    expect(judge(isolating({ mode: "shadow", machine: aMachine({ machineTags: ["dc"] }) })).verdict).toBe("deny");
  });

  test.each([
    [{ everything: true }, {}],
    [{ playbooks: ["contain-device"] }, { playbook: "contain-device" }],
    [{ tenants: ["t-1"] }, { tenantId: "T-1" }],
  ])("the policy puts runs into shadow: %j", (shadow, run) => {
    expect(judge(isolating({ policy: policyOf({ shadow }), ...run })).verdict).toBe("shadow");
    if (!("everything" in shadow)) expect(judge(isolating({ policy: policyOf({ shadow }) })).verdict).toBe("allow");
  });

  test("a run that asks acts on no machine by itself, but writes down what it asks", () => {
    expect(judge(isolating({ mode: "ask" })).code).toBe("NeedsApproval");
    expect(
      judge(isolating({ mode: "ask", activity: "updateAlert", effect: "write", machine: undefined })).verdict,
    ).toBe("allow");
  });
});

describe("whatever else the policy and the moment say,", () => {
  const restriction = fc.constantFrom("deny", "ask", "selectiveOnly");
  const anyPolicy = fc.record({
    rules: fc.array(fc.record({ effect: fc.constantFrom("contain", "release", "collect"), restriction })),
    caps: fc.record({ machinesPerHour: fc.nat(100), machinesPerHourInDeviceGroup: fc.nat(100) }),
    shadow: fc.record({ everything: fc.boolean() }),
  });
  const anyUsage = fc.record({ tenant: fc.nat(200), deviceGroup: fc.nat(200), isCounted: fc.boolean() });
  const anyMoment = fc.record({
    mode: fc.constantFrom("act", "ask", "shadow"),
    breaker: fc.constantFrom(CLOSED_BREAKER, breaker),
    killSwitch: fc.constantFrom(KILL_SWITCH_OFF, killSwitch, { ...killSwitch, cancelRunId: "run-1" }),
    usage: anyUsage,
  });
  const policyFrom = (policy: unknown) => Policy.parse(policy);

  test("a critical asset is never contained without a person, but for a selective isolation where that is wanted", () => {
    const critical = fc.constantFrom(
      { machineTags: ["dc"] },
      { machineTags: ["Critical"] },
      { osPlatform: "WindowsServer2025" },
      { rbacGroupName: "Plant" },
      { deviceValue: "High" },
    );
    const step = fc.constantFrom<Partial<Question>>(
      { isolationType: "Full" },
      { isolationType: "Selective" },
      { activity: "restrictCodeExecution", isolationType: undefined },
      { activity: "offboardMachine", isolationType: undefined },
    );
    fc.assert(
      fc.property(
        anyPolicy,
        anyMoment,
        critical,
        step,
        restriction,
        (policy, moment, machine, changes, containment) => {
          const criticalAssets = {
            tags: ["critical"],
            os: ["windowsserver*"],
            deviceGroups: ["plant"],
            deviceValues: ["High"],
            containment,
          };
          const question = isolating({
            ...(moment as Partial<Question>),
            ...changes,
            policy: policyFrom({ ...policy, criticalAssets }),
            machine: aMachine(machine),
          });
          const { verdict } = judge(question);
          if (containment === "selectiveOnly" && changes.isolationType === "Selective") return;
          expect(verdict).not.toBe("allow");
          if (containment === "deny") expect(verdict).toBe("deny");
        },
      ),
    );
  });

  test("more that was contained, and a lower cap, never allow what was refused before", () => {
    fc.assert(
      fc.property(anyPolicy, anyUsage, fc.nat(50), fc.nat(50), (given, usage, more, lower) => {
        const machine = aMachine({ rbacGroupName: "Office" });
        const policy = policyFrom({ ...given, rules: [], shadow: {} });
        const machinesPerHour = Math.max(0, policy.caps.machinesPerHour - lower);
        const tighter = { ...policy, caps: { ...policy.caps, machinesPerHour } };
        const fuller = { ...usage, tenant: usage.tenant + more, deviceGroup: usage.deviceGroup + more };
        if (judge(isolating({ machine, policy, usage })).verdict === "allow") return;
        expect(judge(isolating({ machine, policy, usage: fuller })).verdict).toBe("deny");
        expect(judge(isolating({ machine, policy: tighter, usage })).verdict).toBe("deny");
      }),
    );
  });

  test("nothing that is stopped by caps and breaker alone is a release", () => {
    fc.assert(
      fc.property(anyUsage, fc.constantFrom(CLOSED_BREAKER, breaker), (usage, now) => {
        expect(judge(isolating({ ...releasing, usage, breaker: now })).verdict).toBe("allow");
      }),
    );
  });
});

describe("a user", () => {
  const user = GraphUser.parse({
    id: "0d2c1a3e-5f60-4b7c-8d9e-0f1a2b3c4d5e",
    userPrincipalName: "Ana@contoso.example",
  });
  const revoking = (users: z.input<typeof Policy>["users"], changes: Partial<Question> = {}) =>
    judge(
      isolating({
        ...{ activity: "revokeSignInSessions", effect: "write", isolationType: undefined, machine: undefined, user },
        policy: policyOf({ users }),
        ...changes,
      }),
    );

  test("is touched only once a person agrees, unless the policy allows it", () => {
    expect(revoking({})).toEqual({
      verdict: "ask",
      code: "NeedsApproval",
      reason: "revokeSignInSessions is about the user Ana@contoso.example: a person must decide",
    });
    expect(revoking({}, { approved: true }).verdict).toBe("allow");
    expect(revoking({ others: "allow" }).verdict).toBe("allow");
  });

  test.each(["ana@CONTOSO.example", user.id.toUpperCase()])(
    "that is critical, known as %s, needs a person always",
    (name) => {
      const users = { others: "allow" as const, critical: [name] };
      expect(revoking(users)).toMatchObject({ verdict: "ask", reason: expect.stringContaining("is a critical user") });
      expect(revoking(users, { approved: true }).verdict).toBe("allow");
    },
  );

  test("is left alone where a rule denies it, whatever people say, and in a run that asks first", () => {
    const policy = policyOf({
      users: { others: "allow" },
      rules: [{ activity: "revokeSignInSessions", restriction: "deny" }],
    });
    expect(revoking({}, { policy, approved: true }).code).toBe("PolicyDenied");
    expect(revoking({ others: "allow" }, { mode: "ask" }).verdict).toBe("ask");
    expect(revoking({ others: "allow" }, { mode: "shadow" }).verdict).toBe("shadow");
  });
});
