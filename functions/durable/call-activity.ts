import type * as df from "durable-functions";
import type { Question } from "../../shared/approvals/approval.ts";
import { messageOf } from "../../shared/errors.ts";
import { type Asking, UNAVAILABLE } from "../../shared/playbook.ts";

/** How a run goes about its steps, and whose they are. */
export type RunAbout = Required<Pick<Asking, "mode" | "playbook" | "tenantId">>;

/** What crosses to an activity: its input and the run that asks. */
export interface Call {
  runId: string;
  /** What else the policy asks about the run. Runs that were started by earlier builds have none. */
  about?: RunAbout;
  input: unknown;
  /** The question that people were asked about this step, where they were. */
  approvalId?: string;
  /** When it must not begin any more, in milliseconds since the epoch: its turn on the machine may be another's then. */
  notAfter?: number;
  /** Whether it is not called again for this step, should it fail for what may pass. */
  isLastTry?: boolean;
}

/** What crosses back. A failure is returned as data, so that a permanent one is not tried again. */
export type Reply =
  | { ok: true; value: unknown; pretended?: true }
  | {
      ok: false;
      code: string;
      reason: string;
      throttled?: { group: string; retryAfterMs: number };
      /** For how long a system outside, which is not Defender, wants to be left alone. */
      retryAfterMs?: number;
      ask?: Question;
    };

/** Calls an activity once. A failure that may pass has the code `Unavailable`. */
export function* callActivity(
  durable: df.DurableOrchestrationContext,
  name: string,
  call: Call,
): Generator<df.Task, Reply> {
  try {
    return yield durable.callActivity(name, call);
  } catch (error) {
    return { ok: false, code: UNAVAILABLE, reason: firstLine(messageOf(error)) };
  }
}

const LONGEST_REASON = 300;

/** The rest of what Durable reports may be a stack, and reasons end up on tickets. */
const firstLine = (text: string): string => (text.split("\n")[0] ?? "").slice(0, LONGEST_REASON);
