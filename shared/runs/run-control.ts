/** What became of a request to start a run. */
export type StartOutcome = "started" | "duplicate";

/** Starts runs. */
export interface RunStarter {
  /**
   * Starts a run unless a run of this id is there, in whatever state: a finished run is not started again. Safe to
   * repeat and to race.
   */
  startOnce(playbook: string, runId: string, input: unknown): Promise<StartOutcome>;
}
