/** Stops everything that would change something in Defender, until a person turns it off. */
export interface KillSwitch {
  isOn: boolean;
  /** Since when it is so, ISO 8601. */
  since: string;
  by: string;
  reason: string;
  /** The run that takes back what had not begun when the switch was turned on; the only one it does not stop. */
  cancelRunId?: string;
}

export const KILL_SWITCH_OFF: KillSwitch = { isOn: false, since: "", by: "", reason: "" };

/** Who turns it on or off, when and why. */
export interface Turning {
  by: string;
  reason: string;
  at: string;
}

/**
 * The switch turned on. One that is on keeps its time and the run that cancels for it, as turning it on may be repeated.
 *
 * @param cancelRunId of the run that is to cancel what has not begun, if one is wanted
 */
export function turnedOn(now: KillSwitch, { by, reason, at }: Turning, cancelRunId?: string): KillSwitch {
  const runId = (now.isOn ? now.cancelRunId : undefined) ?? cancelRunId;
  return { isOn: true, since: now.isOn ? now.since : at, by, reason, ...(runId && { cancelRunId: runId }) };
}

export const turnedOff = (now: KillSwitch, { by, reason, at }: Turning): KillSwitch =>
  now.isOn ? { isOn: false, since: at, by, reason } : now;
