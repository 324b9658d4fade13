import { expect, test } from "vitest";
import { z } from "zod";
import { followMachineAction } from "../../functions/playbooks/follow-machine-action.ts";
import { PermanentError } from "../../shared/errors.ts";
import { definePlaybook } from "../../shared/playbook.ts";
import { anIsolation } from "../helpers/builders.ts";
import { play, type Script, startedAt } from "../helpers/play.ts";

const follow = definePlaybook({
  ...{ name: "follow", version: 1, summary: "Follows an action for a day." },
  input: z.object({ creationDateTimeUtc: z.string().optional() }),
  *steps(run, input) {
    const ended = yield* followMachineAction(run, anIsolation(input), { days: 1 });
    return ended.status;
  },
});

const script: Script = {
  watchMachineAction: () => ({ watched: true }),
  getMachineAction: () => anIsolation(),
};
const succeeded = anIsolation({ status: "Succeeded" });
const refused = () => {
  throw new PermanentError("Forbidden", "role missing");
};
const minutes = (endedAt: Date) => (endedAt.getTime() - startedAt.getTime()) / 60_000;
const count = (steps: { name: string }[], name: string) => steps.filter((step) => step.name === name).length;

test("waits ever longer when it is told again and again that its open action is not listed", () => {
  const { result, steps, endedAt } = play(follow, {}, script, () => ({ after: { seconds: 0 }, news: null }));

  expect(result).toBe("Pending");
  expect(minutes(endedAt)).toBe(24 * 60);
  // 1, 2, 4, 8 and 16 minutes, then every half an hour.
  expect(count(steps, "getMachineAction")).toBeLessThan(60);
});

test("looks by itself, ever more seldom, while it cannot be put on the list of those who wait", () => {
  const { result, steps, endedAt } = play(
    follow,
    {},
    {
      watchMachineAction: refused,
      getMachineAction: (_, times) => (times < 4 ? anIsolation() : succeeded),
    },
  );

  expect(result).toBe("Succeeded");
  expect(minutes(endedAt)).toBe(1 + 2 + 4 + 8);
  expect(count(steps, "getMachineAction")).toBe(5);
});

test("goes on waiting to be told when it may not look by itself", () => {
  const told = (wait: number) => ({ after: { hours: 1 }, news: wait < 3 ? null : succeeded });
  const { result } = play(follow, {}, { ...script, getMachineAction: refused }, told);

  expect(result).toBe("Succeeded");
});

test("ends with what it last knew when it was refused to look to the end", () => {
  const { result, endedAt } = play(follow, {}, { watchMachineAction: refused, getMachineAction: refused });

  expect(result).toBe("Pending");
  expect(minutes(endedAt)).toBe(24 * 60);
});

test.each([
  ["2026-01-05T08:00:00.1234567Z", "2026-01-05T08:00:00.123Z"],
  ["yesterday", "2026-01-05T09:00:00.000Z"],
  [undefined, "2026-01-05T09:00:00.000Z"],
])("says since when it waits, where Defender says %s", (creationDateTimeUtc, since) => {
  const { steps } = play(follow, { creationDateTimeUtc }, script, () => ({ after: { hours: 1 }, news: succeeded }));

  expect(steps[0]?.input).toMatchObject({ since });
});
