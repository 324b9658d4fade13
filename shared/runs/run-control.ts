import type { RunStart } from "./run-input.ts";

/** What became of a request to start a run. */
export type StartOutcome = "started" | "duplicate";

export type RunState = "absent" | "under-way" | "ended";

/** Starts runs, and tells runs what they wait for. */
export interface RunControl {
  /**
   * Starts a run unless a run of this id is there, in whatever state: a finished run is not started again. Safe to
   * repeat and to race.
   */
  startOnce(playbook: string, runId: string, input: unknown, options?: Partial<RunStart>): Promise<StartOutcome>;

  /** Whether a run is there, and goes on. */
  stateOf(runId: string): Promise<RunState>;

  /** Tells a run something under the name it waits for. A run that is over, or not there, need not know it. */
  tell(runId: string, event: string, news: unknown): Promise<void>;
}
