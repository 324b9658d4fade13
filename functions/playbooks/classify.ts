import type { AlertId } from "../../shared/defender/alerts/alert.ts";
import type { Classification, Determination } from "../../shared/defender/alerts/verdict.ts";
import { StepFailed } from "../../shared/errors.ts";
import { overOutages, type Run, type Steps } from "../../shared/playbook.ts";
import { setAlertVerdict } from "../activities/set-alert-verdict.ts";
import { type Came, cameOfFailedStep } from "./follow-and-tell.ts";

const REFUSED = new Set<Came["outcome"]>(["not-allowed", "declined", "expired"]);

interface Classified extends Pick<Came, "outcome" | "words"> {
  /** Whether people or the policy are against it. */
  isRefused: boolean;
}

/**
 * Classifies alerts and resolves them. Each is attempted, also where another one failed; but the first that people or the
 * policy refuse is the last.
 */
export function* classify(
  run: Run,
  alertIds: readonly AlertId[],
  verdict: { classification: Classification; determination: Determination },
): Steps<Classified> {
  const failed: string[] = [];
  for (const alertId of alertIds) {
    const wanted = { alertId, ...verdict, status: "Resolved" } as const;
    const set = yield* overOutages(run, () => run.step(setAlertVerdict, wanted));
    if (!(set instanceof StepFailed)) continue;
    const { outcome, words } = cameOfFailedStep(set);
    if (REFUSED.has(outcome)) return { outcome, words: `Not classified: ${words}.`, isRefused: true };
    failed.push(`${alertId}: ${words}`);
  }
  const done = alertIds.length - failed.length;
  const words = [
    ...(done > 0 ? [`${done} alert(s) resolved as ${verdict.classification}, ${verdict.determination}.`] : []),
    ...(failed.length > 0 ? [`Not classified: ${failed.join("; ")}.`] : []),
  ].join(" ");
  return { outcome: failed.length === 0 ? "done" : "failed", words, isRefused: false };
}
