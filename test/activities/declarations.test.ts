import { expect, test } from "vitest";
import { activities } from "../../functions/activities/index.ts";
import { type Activity, changesDefender } from "../../shared/playbook.ts";

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

test("everything that changes something outside, and acts on no machine, says what it is about", () => {
  const isChange = (one: Activity) => changesDefender(one) || (one.effect === "write" && !one.isBookkeeping);
  // What is said to people has their names and channels in records of its own.
  const said = new Set(["askQuestion", "remindApprovers", "notify"]);
  const writes = activities.filter((one) => isChange(one) && !one.machineId && !said.has(one.name));
  expect(writes.filter(({ target }) => !target).map(({ name }) => name)).toEqual([]);
});
