import type { MachineAction, MachineActionId } from "../defender/machine-actions/machine-action.ts";

/** A run that waits for a machine action to end. */
export interface Watch {
  runId: string;
  machineActionId: MachineActionId;
  /** The name of the event the run waits for. */
  event: string;
  /** When Defender took the request, or when the run began to wait where Defender did not say. ISO 8601. */
  since: string;
}

/** Tells all waits apart, also those of one run for the same action. */
export const watchKey = ({ machineActionId, runId, event }: Watch): string => `${machineActionId}|${runId}|${event}`;

/** The waiting runs of one tenant. */
export interface WatchStore {
  /** Safe to repeat. Earlier waits of the run stay: they are told under a name that the run no longer waits for. */
  add(watch: Watch): Promise<void>;
  /** What was written is not taken at its word: `since` may be no time at all. */
  all(): Promise<Watch[]>;
  /** Removes this one wait, and no later one of the same run. */
  remove(watch: Watch): Promise<void>;
}

/** Reaches the one that follows all machine actions of the tenant. */
export interface WatcherWake {
  /** Sees to it that the watcher is there and looks soon. Safe to repeat. */
  wake(): Promise<void>;
}

/** What one look at Defender's list came to. */
export interface Look {
  /** Runs to be told, each with the action as it ended. */
  ended: { watch: Watch; action: MachineAction }[];
  /** Actions that left the list of open ones unseen: how they ended must be asked. */
  gone: Watch[];
  /** Waits that began at no time that can be asked for: these runs must look by themselves. */
  lost: Watch[];
}
