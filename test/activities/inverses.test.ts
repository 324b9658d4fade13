import { expect, test } from "vitest";
import { activities } from "../../functions/activities/index.ts";

const byName = new Map(activities.map((activity) => [activity.name, activity]));
const containing = activities.filter(({ effect }) => effect === "contain");

test("everything that takes something from a machine can be taken back, or says why not", () => {
  expect(containing.length).toBeGreaterThan(0);
  const silent = containing.filter(({ inverse, noInverse }) => (inverse === undefined) === (noInverse === undefined));
  expect(silent.map(({ name }) => name)).toEqual([]);
});

const machineId = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
const input = { machineId, tag: "watched", isolationType: "Full", comment: "x" };

test("what takes something back exists, and takes the input it is given", () => {
  const declared = activities.filter(({ inverse }) => inverse);
  expect(declared.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["isolateMachine", "restrictCodeExecution", "containUnmanagedMachine", "tagMachine"]),
  );
  for (const { name, effect, inverse } of declared) {
    const taken = inverse?.(input, { id: "12" });
    const opposite = byName.get(taken?.activity ?? "");
    expect([name, opposite?.input.safeParse(taken?.input).success]).toEqual([name, true]);
    if (effect === "contain") expect([name, opposite?.effect]).toEqual([name, "release"]);
  }
});
