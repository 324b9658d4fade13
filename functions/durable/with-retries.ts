import * as df from "durable-functions";
import { messageOf } from "../../shared/errors.ts";
import { UNAVAILABLE } from "../../shared/playbook.ts";

/** What crosses to an activity: its input and the run that asks. */
export interface Call {
  runId: string;
  input: unknown;
}

/** What crosses back. Durable retries what is thrown, so what must not be retried like that is returned. */
export type Reply =
  | { ok: true; value: unknown }
  | { ok: false; code: string; reason: string; throttled?: { group: string; retryAfterMs: number } };

/** Calls an activity, again where it fails for want of an answer; the failure of the last try is returned. */
export function* withRetries(
  durable: df.DurableOrchestrationContext,
  name: string,
  call: Call,
): Generator<df.Task, Reply> {
  try {
    return yield durable.callActivityWithRetry(name, retryPolicy(), call);
  } catch (error) {
    return { ok: false, code: UNAVAILABLE, reason: firstLine(messageOf(error)) };
  }
}

const LONGEST_REASON = 300;

/** The rest of what Durable reports may be a stack, and reasons end up on tickets. */
const firstLine = (text: string): string => (text.split("\n")[0] ?? "").slice(0, LONGEST_REASON);

/** Eight tries over about seven minutes: 5 s, 10 s, 20 s and so on, at most two minutes apart. */
function retryPolicy(): df.RetryOptions {
  const policy = new df.RetryOptions(5_000, 8);
  policy.backoffCoefficient = 2;
  policy.maxRetryIntervalInMilliseconds = 120_000;
  return policy;
}
