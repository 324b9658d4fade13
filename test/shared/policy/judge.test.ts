import { expect, test } from "vitest";
import { judge } from "../../../shared/policy/judge.ts";
import { Policy } from "../../../shared/policy/policy.ts";
import { aMachine, MACHINE_ID } from "../../helpers/builders.ts";

const policy = Policy.parse({ criticalAssets: { tags: [" Domain-Controller "] } });

test("refuses to contain a machine with a critical tag, whatever its case", () => {
  const verdict = judge("contain", aMachine({ machineTags: ["tier0", "domain-CONTROLLER"] }), policy);

  expect(verdict).toEqual({
    allowed: false,
    reason: 'fin-laptop-07.contoso.example is a critical asset (tag "domain-CONTROLLER")',
  });
});

test("refuses to contain a machine listed by id", () => {
  const byId = Policy.parse({ criticalAssets: { machineIds: [MACHINE_ID.toUpperCase()] } });

  expect(judge("contain", aMachine(), byId).allowed).toBe(false);
});

test("allows to contain a machine that is not critical", () => {
  expect(judge("contain", aMachine(), policy).allowed).toBe(true);
});

test("lets evidence be collected from a critical asset, and lets it be released", () => {
  const critical = aMachine({ machineTags: ["domain-controller"] });

  expect(judge("collect", critical, policy).allowed).toBe(true);
  expect(judge("release", critical, policy).allowed).toBe(true);
});
