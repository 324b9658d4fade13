import assert from "node:assert/strict";
import type { z } from "zod";
import { type Duration, toMilliseconds } from "../../shared/duration.ts";
import { PermanentError, StepFailed } from "../../shared/errors.ts";
import type { Activity, Playbook, Run, Runbook } from "../../shared/playbook.ts";

/** What each activity answers, by name, given its input and how often it was asked before. Throwing is an answer too. */
export type Script = Record<string, (input: never, times: number) => unknown>;

export const startedAt = new Date("2026-01-05T09:00:00Z");

/** What a waiting run is told, and how long after it began to wait. */
export interface Told {
  after: Duration;
  news: unknown;
}

/**
 * Plays a playbook to its end in memory, with a clock that only waits move.
 *
 * @param told what the run is told at its first wait, its second and so on; nothing, if not given: it waits in vain
 */
export function play<In extends z.ZodType, Result>(
  playbook: Playbook<In, Result> & Partial<Runbook<In, Result>>,
  input: object,
  script: Script,
  told: (wait: number) => Told | undefined = () => undefined,
) {
  const steps: { name: string; input: unknown }[] = [];
  const reports: string[] = [];
  let now = startedAt.getTime();
  let waits = 0;

  function answer(activity: Activity, given: unknown): unknown {
    assert(
      playbook.uses?.includes(activity) ?? true,
      `${playbook.name} does not declare that it uses ${activity.name}`,
    );
    const asked = activity.input.parse(given);
    const times = steps.filter(({ name }) => name === activity.name).length;
    steps.push({ name: activity.name, input: asked });
    const scripted = script[activity.name];
    assert(scripted, `the script has no answer for ${activity.name}`);
    try {
      return activity.output.parse(scripted(asked as never, times));
    } catch (error) {
      if (error instanceof PermanentError) throw new StepFailed(activity.name, error.code, error.message);
      throw error;
    }
  }

  const run: Run = {
    id: "run-1",
    mode: "act",
    now: () => new Date(now),
    *step(activity, given) {
      return answer(activity, given) as never;
    },
    *sleep(duration) {
      now += toMilliseconds(duration);
    },
    *waitFor(news, atMost, arrange) {
      const deadline = now + toMilliseconds(atMost);
      yield* arrange(`news-${++waits}`);
      const answer = told(waits);
      const toldAt = answer ? now + toMilliseconds(answer.after) : Number.POSITIVE_INFINITY;
      now = Math.max(now, Math.min(toldAt, deadline));
      return toldAt <= deadline ? (news.parse(answer?.news) as never) : undefined;
    },
    report: (progress) => void reports.push(progress),
  };

  const { value, done } = playbook.steps(run, playbook.input.parse(input)).next();
  assert(done, "a playbook only pauses inside run.*");
  return { result: value as Result, steps, reports, endedAt: new Date(now) };
}
