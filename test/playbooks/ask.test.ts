import { expect, test } from "vitest";
import { z } from "zod";
import { ask } from "../../functions/playbooks/ask.ts";
import { PermanentError } from "../../shared/errors.ts";
import { definePlaybook } from "../../shared/playbook.ts";
import { Policy } from "../../shared/policy/policy.ts";
import { approvalsInMemory } from "../helpers/approvals.ts";
import { play, startedAt, type Told } from "../helpers/play.ts";

/** A run that asks one question, as its parameters put it. */
const asking = definePlaybook({
  ...{ name: "asking", version: 1, summary: "Asks one question." },
  input: z.looseObject({}),
  *steps(run, question) {
    return yield* ask(run, { key: "q", title: "Isolate the server?", text: "It is the only one.", ...question });
  },
});

interface Saying {
  after: number;
  by: string;
  approved?: boolean;
}

/** Plays a question with the real rules of approvals; in each wait somebody says something some minutes later, or nobody. */
function playQuestion(
  question: object,
  sayings: readonly (Saying | undefined)[] = [],
  remind = () => ({ sent: true }),
) {
  const { rules, waits } = approvalsInMemory(
    Policy.parse({ approvals: { approvers: [{ id: "ada" }, { id: "bob" }] } }),
  );
  const told = (wait: number): Told | undefined => {
    const saying = sayings[wait - 1];
    if (!saying) return undefined;
    waits(() => rules.say(saying.by, saying.approved ?? true));
    return { after: { minutes: saying.after }, news: { answers: wait } };
  };
  const played = play(
    asking,
    { minutes: 60, ...question },
    {
      askQuestion: (input: never) => rules.ask(input),
      waitForAnswer: () => ({ waits: true }),
      remindApprovers: remind,
      settleQuestion: ({ at }: { at: string }) => rules.settle(at),
    },
    told,
  );
  const minutes = (played.endedAt.getTime() - startedAt.getTime()) / 60_000;
  return { ...played, minutes, names: played.steps.map(({ name }) => name) };
}

test("a yes approves, and says who said it", () => {
  const { result, minutes } = playQuestion({}, [{ after: 7, by: "ada" }]);
  expect(result).toMatchObject({ approved: true, by: ["ada"], expired: false, reason: "approved by ada" });
  expect(minutes).toBe(7);
});

test("a no declines, also where two yeses are wanted", () => {
  const { result, minutes } = playQuestion({ quorum: 2 }, [
    { after: 5, by: "ada" },
    { after: 5, by: "bob", approved: false },
  ]);
  expect(result).toMatchObject({ approved: false, by: ["bob"], expired: false });
  expect(minutes).toBe(10);
});

test("a question nobody answers is declined at its end, unless it says that it is approved then", () => {
  const declined = playQuestion({});
  expect(declined.result).toMatchObject({ approved: false, by: [], expired: true });
  expect(declined.minutes).toBe(60);

  expect(playQuestion({ atExpiry: "approve" }).result).toMatchObject({ approved: true, by: [], expired: true });
});

test("one yes of two is said to people and waited on; the second approves", () => {
  const { result, reports } = playQuestion({ quorum: 2 }, [
    { after: 5, by: "ada" },
    { after: 5, by: "bob" },
  ]);
  expect(result).toMatchObject({ approved: true, by: ["ada", "bob"] });
  expect(reports).toContainEqual(expect.stringContaining("1 of 2 have said yes"));
});

test("one yes of two is not enough when the time is over", () => {
  const { result, minutes } = playQuestion({ quorum: 2 }, [{ after: 59, by: "ada" }]);
  expect(result).toMatchObject({ approved: false, expired: true, reason: expect.stringContaining("1 of 2 said yes") });
  expect(minutes).toBe(60);
});

test("people are reminded, then the question escalates, each once and in its time", () => {
  const escalate = { afterMinutes: 30, channels: ["page"] };
  const { steps, result, minutes } = playQuestion({ remindAfterMinutes: 10, escalate }, []);
  expect(
    steps.flatMap(({ name, input }) => (name === "remindApprovers" ? [(input as { why: string }).why] : [])),
  ).toEqual(["reminder", "escalation"]);
  expect(result).toMatchObject({ expired: true });
  expect(minutes).toBe(60);
});

test("a reminder that cannot be sent ends nothing", () => {
  const { result } = playQuestion({ remindAfterMinutes: 10 }, [], () => {
    throw new PermanentError("ChannelGone", "no such channel");
  });
  expect(result).toMatchObject({ expired: true });
});

test("an answer after the reminder counts, and nothing escalates any more", () => {
  const { names, result } = playQuestion(
    { remindAfterMinutes: 10, escalate: { afterMinutes: 30, channels: ["page"] } },
    [undefined, { after: 3, by: "ada" }],
  );
  expect(names.filter((name) => name === "remindApprovers")).toHaveLength(1);
  expect(result).toMatchObject({ approved: true, by: ["ada"] });
});
