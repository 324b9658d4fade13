import { expect, test } from "vitest";
import { z } from "zod";
import { earlierVersions, playbooks } from "../../../functions/playbooks/index.ts";
import { definePlaybook } from "../../../shared/playbook.ts";
import { playbookOf, playbookVersions } from "../../../shared/versions/playbook-versions.ts";

const playbook = (name: string, version: number) =>
  definePlaybook({ name, version, summary: "", input: z.object({}), *steps() {} });

test("new runs start under the newest version, whatever the order they are listed in", () => {
  const { newest } = playbookVersions([playbook("contain", 10), playbook("contain", 9), playbook("release", 1)]);

  expect(Object.fromEntries(newest)).toEqual({ contain: "contain-v10", release: "release-v1" });
});

test("runs go on with the version they were started under; those without one with the earliest", () => {
  const { byOrchestration } = playbookVersions([playbook("contain", 4), playbook("contain", 3)]);

  expect([...byOrchestration].map(([name, { version }]) => [name, version])).toEqual([
    ["contain", 3],
    ["contain-v3", 3],
    ["contain-v4", 4],
  ]);
});

test("a version that is there twice, and a name that looks like a version, are refused", () => {
  expect(() => playbookVersions([playbook("contain", 3), playbook("contain", 3)])).toThrow("contain version 3");
  expect(() => playbookVersions([playbook("contain-v3", 1)])).toThrow("contain-v3");
});

test("people see playbook and version apart", () => {
  expect(playbookOf("contain-device-v12")).toEqual({ playbook: "contain-device", version: 12 });
  expect(playbookOf("contain-device")).toEqual({ playbook: "contain-device" });
});

test("the names of the app's own versions are names that Azure Functions takes", () => {
  const names = [...playbookVersions([...playbooks, ...earlierVersions]).byOrchestration.keys()];

  expect(names.filter((name) => !/^[A-Za-z][A-Za-z0-9_-]{0,127}$/.test(name))).toEqual([]);
});
