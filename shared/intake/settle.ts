import type { RunControl } from "../runs/run-control.ts";
import { settleRunId } from "../runs/run-id.ts";
import { endOfRound, type PendingAlert, type PendingAlerts } from "./pending-alerts.ts";

/** The name of the playbook that looks again at alerts that came in pieces; see functions/playbooks/settle-alerts.ts. */
export const SETTLE_ALERTS = "settle-alerts";

export interface Settling {
  pending: PendingAlerts;
  runs: RunControl;
  /** How long alerts have to become complete. */
  settleSeconds: number;
}

/**
 * Has the alerts of a round looked at when they had time to become complete.
 *
 * @returns when
 */
export async function haveSettled(
  round: string,
  waiting: readonly PendingAlert[],
  { pending, runs, settleSeconds }: Settling,
): Promise<string> {
  for (let latest = round; ; ) {
    const waitsUntil = new Date(endOfRound(latest) + settleSeconds * 1000).toISOString();
    const outcome = await runs.startOnce(SETTLE_ALERTS, settleRunId(latest), { round: latest, waitsUntil });
    if (outcome === "started" || (await runs.stateOf(settleRunId(latest))) !== "ended") return waitsUntil;
    // It was looked at already: this instance's clock is behind, or its writes were slow.
    const [next = latest] = await pending.add(waiting, latest);
    latest = next;
  }
}

/** After so long a round is looked at, if anybody does it. */
const LATE_MS = 5 * 60_000;

/**
 * Has alerts looked at that nobody will: whoever stored them died before their round was scheduled, or its run failed or
 * was ended by force. Safe to repeat, and to be stopped at any moment: a round is forgotten once its alerts are in another.
 *
 * @returns how many alerts there were
 */
export async function settleLeftovers(settling: Settling, now: Date): Promise<number> {
  const { pending, runs, settleSeconds } = settling;
  const late = new Date(now.getTime() - settleSeconds * 1000 - LATE_MS);
  let found = 0;
  for (const round of await pending.roundsBefore(late)) {
    if ((await runs.stateOf(settleRunId(round))) === "under-way") continue;
    const left = await pending.ofRound(round);
    for (const next of await pending.add(left, round)) await haveSettled(next, left, settling);
    await pending.clear(round, left);
    found += left.length;
  }
  return found;
}
