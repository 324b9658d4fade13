import { toMilliseconds } from "../shared/duration.ts";
import { messageOf, PermanentError, StepFailed } from "../shared/errors.ts";
import type { Playbook, Run } from "../shared/playbook.ts";
import { performUnderPolicy } from "../shared/policy/perform-under-policy.ts";
import type { Services } from "../shared/services.ts";

const OVER = Symbol("over");

/**
 * Runs a playbook without durability: the same activities and HTTP calls in the same order, nothing written down about
 * the run itself. What the durable engine costs is the difference.
 */
export async function playPlainly(
  playbook: Playbook,
  input: unknown,
  services: Services,
  runId: string,
  newsOf: (runId: string, event: string) => Promise<unknown>,
): Promise<unknown> {
  let waits = 0;
  const run: Run = {
    id: runId,
    mode: "act",
    now: () => new Date(),
    *step(activity, given) {
      const done = performUnderPolicy(activity, given, services, { runId }).catch((error: unknown) => {
        const code = error instanceof PermanentError ? error.code : "Unavailable";
        return new StepFailed(activity.name, code, messageOf(error));
      });
      const result: unknown = yield done;
      if (result instanceof StepFailed) throw result;
      return activity.output.parse(result) as never;
    },
    *sleep(duration) {
      yield new Promise((resume) => setTimeout(resume, toMilliseconds(duration)));
    },
    *waitFor(news, atMost, arrange) {
      const event = `news-${++waits}`;
      const told = newsOf(runId, event);
      yield* arrange(event);
      const over = new Promise((resume) => setTimeout(resume, toMilliseconds(atMost), OVER).unref());
      const first: unknown = yield Promise.race([told, over]);
      return first === OVER ? undefined : (news.parse(first) as never);
    },
    report: () => undefined,
  };

  const steps = playbook.steps(run, playbook.input.parse(input));
  for (let next = steps.next(); ; next = steps.next(await next.value)) if (next.done) return next.value;
}

/** Does `work` for each item, at most `inFlight` at a time. */
export async function forEachInFlight<T>(
  items: readonly T[],
  inFlight: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
