import { expect, test } from "vitest";
import { activities } from "../../functions/activities/index.ts";
import { changesDefender } from "../../shared/playbook.ts";

const acting = activities.filter(({ effect }) => ["collect", "contain", "release"].includes(effect));

test("every activity that acts on a machine names that machine, so that the policy can judge it", () => {
  expect(acting.length).toBeGreaterThan(0);
  expect(acting.filter(({ machineId }) => machineId === undefined)).toEqual([]);
});

test("every activity that only reads changes nothing, and one that changes something may be repeated for another reason", () => {
  const odd = activities.filter(({ effect, repeat }) => (effect === "read") !== (repeat === "reads"));
  expect(odd.map(({ name }) => name)).toEqual([]);
});

test("activity names are unique", () => {
  const names = activities.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("every activity that changes something can be pretended, but for what the app notes for itself", () => {
  const changing = activities.filter(({ effect, isBookkeeping }) => effect !== "read" && !isBookkeeping);
  expect(changing.filter(({ pretend }) => !pretend).map(({ name }) => name)).toEqual([]);
  expect(activities.filter((one) => one.isBookkeeping && changesDefender(one)).map(({ name }) => name)).toEqual([]);
});

test("every change in Defender that acts on no machine says what it is about", () => {
  const writes = activities.filter((one) => changesDefender(one) && !one.machineId);
  expect(writes.filter(({ target }) => !target).map(({ name }) => name)).toEqual([]);
});
