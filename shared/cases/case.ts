import type { AlertId } from "../defender/alerts/alert.ts";
import type { MachineId } from "../defender/machines/machine.ts";
import type { Mode } from "../mode.ts";
import type { RunControl } from "../runs/run-control.ts";

/** What shares one run at a time: a playbook on a machine. A pretended one shares nothing with one that acts. */
export interface CaseKey {
  tenantId: string;
  machineId: MachineId;
  playbook: string;
  mode: Mode;
}

/** An alert that belongs to a case. */
export interface CaseAlert {
  alertId: AlertId;
  title?: string | undefined;
  severity?: string | undefined;
}

/** An alert as its case keeps it. */
export interface LinkedAlert extends CaseAlert {
  /** The run that has the alert in its care. */
  runId: string;
  /** Where it stands in the order in which the alerts of its run came, from 1. The first one opened the case. */
  place: number;
}

/** What became of alerts that came for a case. */
export interface Joined {
  /** The run that has the alerts in its care. */
  runId: string;
  /**
   * `opened`: the run has to be started, unless it is there. `joined`: it is under way. `cooling`: it has ended a short while ago, and nothing
   * new is to start yet.
   */
  state: "opened" | "joined" | "cooling";
  alerts: CaseAlert[];
  /** When something new may start, for `cooling`. ISO 8601. */
  coolUntil?: string;
}

export interface JoinOptions {
  /** For how long nothing new starts after a run has ended, in milliseconds. @default 0 */
  coolDownMs?: number | undefined;
  /**
   * Whether less is asked for than the playbook could take from the machine, as by a selective isolation. Who asks for
   * more than the run under way does not join it: its next run takes over the case with all its alerts. @default false
   */
  isMild?: boolean | undefined;
  /** Asked before an alert is joined to a run: one that was ended by force takes in nothing more. */
  stateOf: RunControl["stateOf"];
}

export type Closing =
  | { isClosed: true }
  /** When the latest alert came, ISO 8601. */
  | { isClosed: false; latestAt: string };

export interface CaseStore {
  /**
   * Puts alerts into the care of the run that is under way for the key, or of one to be started: each alert once, whoever
   * brings it and however often. No alert is ever without a run, and no two runs are opened at a time.
   *
   * @returns the new ones and those that were there before, by their run
   */
  join(key: CaseKey, alerts: readonly CaseAlert[], options: JoinOptions): Promise<Joined[]>;

  /**
   * The run that has the open case of a key in its care, for those who bring no alert; `isMild` where it asks for less than
   * it could. Whether it still goes on has to be looked at.
   */
  openRun(key: CaseKey): Promise<{ runId: string; isMild: boolean } | undefined>;

  /** The alerts in the care of a run that came after a place, in the order in which they came. */
  alertsOf(key: CaseKey, runId: string, after: number): Promise<LinkedAlert[]>;

  /**
   * Says that a run takes in no more alerts.
   *
   * @param seen how many alerts it has taken in
   * @param contained whether it may have taken something from the machine: if not, the next alert need not wait
   * @returns not closed when more have come: then it has to take them in first
   */
  close(key: CaseKey, runId: string, { seen, contained }: { seen: number; contained: boolean }): Promise<Closing>;
}
