import { globSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { addressOfPage, type Call } from "../../../shared/defender/call.ts";
import { defenderCalls } from "../../../shared/defender/calls.ts";
import { graphAlertCalls } from "../../../shared/defender/graph-alerts/calls.ts";
import { graphIncidentCalls } from "../../../shared/defender/graph-incidents/calls.ts";
import { limitOf } from "../../../shared/defender/limits.ts";

const declared = await Promise.all(
  globSync("shared/defender/*/calls.ts").map(async (file) => ({
    file,
    exports: (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, Record<string, Call>>,
  })),
);

test("every call that a folder declares is among all calls, under a name of its own", () => {
  const names = declared.flatMap(({ exports }) =>
    Object.values(exports).flatMap((calls) => Object.values(calls).map(({ name }) => name)),
  );

  expect(names.length).toBeGreaterThan(100);
  expect(defenderCalls.map(({ name }) => name).sort()).toEqual([...new Set(names)].sort());
});

test.each(defenderCalls.map((call) => [call.name, call] as const))(
  "%s says what it needs and what limits it",
  (_, call) => {
    expect(call.permissions.length).toBeGreaterThan(0);
    expect(call.permissions.filter((permission) => !/^\w+(\.\w+){1,2}$/.test(permission))).toEqual([]);
    expect(addressOfPage(call)).toMatch(/^https:\/\/learn\.microsoft\.com\/en-us\/[\w-]+(\/api)?\/[\w-]+$/);
    const { perMinute = 0, perHour = 0 } = limitOf(call.group);
    expect(perMinute + perHour).toBeGreaterThan(0);
  },
);

test("Graph's calls on alerts and incidents count against one limit", () => {
  const calls = [...Object.values(graphAlertCalls), ...Object.values(graphIncidentCalls)];

  const [group, ...others] = new Set(calls.map(({ group }) => group));
  expect(others).toEqual([]);
  expect(limitOf(group ?? "")).toEqual({ perMinute: 150 });
});

test("every limit's entity has an id that the Durable Task Scheduler takes: 100 characters at most", () => {
  const tenantId = "a839b112-1253-4432-9bf6-94542403f21c";
  const ids = defenderCalls.map(({ group }) => `@call-quota@${tenantId}:${group}`);

  expect(ids.filter((id) => id.length > 100)).toEqual([]);
});

test("every call is made by some test against the simulator", () => {
  const tested = globSync("test/**/*.test.ts").flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/^contractFor\(([^)]*)\)/gm)].flatMap(
      ([, names = ""]) => names.match(/\w+/g) ?? [],
    ),
  );
  const untested = declared.flatMap(({ exports }) => Object.keys(exports).filter((calls) => !tested.includes(calls)));

  expect(untested).toEqual([]);
});
