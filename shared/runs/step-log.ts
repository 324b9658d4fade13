import type { RunProgress, RunStep } from "./run-view.ts";

const MOST_STEPS = 60;
const LONGEST_REASON = 200;

/**
 * Keeps what a run has done so far, small enough for the orchestration's custom status. Pure: times are given, so a
 * replay writes the same log.
 */
export function createStepLog() {
  const steps: RunStep[] = [];
  let progress = "started";

  return {
    report(text: string): void {
      progress = text;
    },
    begin(name: string, at: Date): void {
      const last = steps.at(-1);
      if (last?.name === name && last.state === "done") {
        last.state = "running";
        last.times += 1;
        return;
      }
      steps.push({ name, startedAt: at.toISOString(), state: "running", times: 1 });
      if (steps.length > MOST_STEPS) steps.splice(0, steps.length - MOST_STEPS);
    },
    end(at: Date, failure?: string): void {
      const last = steps.at(-1);
      if (!last) return;
      last.endedAt = at.toISOString();
      last.state = failure === undefined ? "done" : "failed";
      if (failure !== undefined) last.reason = failure.slice(0, LONGEST_REASON);
    },
    seen: (): RunProgress => ({ progress, steps }),
  };
}
