import type { RunStart } from "./run-input.ts";

/** What became of a request to start a run. */
export type StartOutcome = "started" | "duplicate";

export type RunState = "absent" | "under-way" | "ended";

/** A run as it stands now. */
export interface RunSight {
  state: RunState;
  /** Absent where there is no such run. */
  playbook?: string;
  /** Where it stands, or stood last, in its own words. */
  progress?: string;
  /** What its playbook gave back; absent where the run has not come to its end, or only pretended. */
  outcome?: unknown;
}

/** Starts runs, tells runs what they wait for, and ends them. */
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

  look(runId: string): Promise<RunSight>;

  /** Ends a run where it stands; what it has asked of Defender goes on. Safe to repeat: a run that is over stays as it is. */
  cancel(runId: string, reason: string): Promise<void>;
}
