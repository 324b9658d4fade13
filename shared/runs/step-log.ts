import { oneLine } from "../streaming/one-line.ts";
import type { RunProgress, RunStep } from "./run-view.ts";

/** Durable keeps at most 16 KB of UTF-16 as custom status; some room is left for what JSON escapes. */
const MOST_CHARACTERS = 7_000;
const LONGEST_TEXT = 200;

/**
 * Keeps what a run has done so far, small enough for the orchestration's custom status: the oldest steps go first. Pure:
 * times are given, so a replay writes the same log.
 */
export function createStepLog() {
  const steps: RunStep[] = [];
  let progress = "started";
  let isShadow = false;

  function trim(): void {
    while (steps.length > 1 && JSON.stringify(steps).length > MOST_CHARACTERS) steps.shift();
  }

  return {
    report(text: string): void {
      progress = oneLine(text, LONGEST_TEXT);
    },
    /** Says that a step was only pretended. */
    pretended(): true {
      isShadow = true;
      return isShadow;
    },
    /** Says what the step under way waits for. */
    waits(words: string): void {
      const last = steps.at(-1);
      if (last) last.reason = oneLine(words, LONGEST_TEXT);
    },
    begin(name: string, at: Date): void {
      const last = steps.at(-1);
      if (last?.name === name && last.state === "done") {
        last.state = "running";
        last.times += 1;
        return;
      }
      steps.push({ name, startedAt: at.toISOString(), state: "running", times: 1 });
      trim();
    },
    end(at: Date, failure?: string): void {
      const last = steps.at(-1);
      if (!last) return;
      last.endedAt = at.toISOString();
      last.state = failure === undefined ? "done" : "failed";
      if (failure === undefined) delete last.reason;
      else last.reason = oneLine(failure, LONGEST_TEXT);
      trim();
    },
    seen: (): RunProgress => ({ progress, steps, ...(isShadow && { isShadow }) }),
  };
}
